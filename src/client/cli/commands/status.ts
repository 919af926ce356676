import { toldMeters } from '../calls/told-meters.ts';
import { defineCommand } from '../command.ts';
import { asTyped } from '../own-command.ts';
import { meterRows } from '../show/meters-view.ts';
import { alertsText, statusText, warningsText } from '../show/render.ts';

/** The usage; what the daemon warns of and what was alerted goes to standard error. */
export const status = defineCommand({
  summary: { zh: '查看使用情况', en: 'show the usage' },
  example: { zh: 'token-sync status --json', en: 'token-sync status --json' },
  flags: {},
  args: [],
  async run({ daemon, settings, language }) {
    const [usage, info, forecast, live, estimate_accuracy] = await daemon((call) =>
      Promise.all([
        call('usage.get', {}),
        call('daemon.info', {}),
        call('usage.forecast', {}),
        toldMeters(call),
        settings.isJson ? call('usage.estimate_accuracy', {}) : undefined,
      ]),
    );
    const warnings = info.warnings.map(asTyped);
    const { alerts } = info;
    const meters = live?.meters ?? [];
    return {
      text: statusText(usage, forecast, language, meterRows(meters, Date.now(), language, 1)),
      json: {
        success: true,
        ...usage,
        warnings,
        alerts,
        forecast,
        estimate_accuracy,
        ...(meters.length > 0 && { meters }),
      },
      ...(settings.isJson ? {} : { note: alertsText(alerts, usage, language) + warningsText(warnings, language) }),
    };
  },
});
