import { defineCommand } from '../command.ts';
import { asTyped } from '../own-command.ts';
import { alertsText, statusText, warningsText } from '../show/render.ts';

/** The usage; what the daemon warns of and what was alerted goes to standard error. */
export const status = defineCommand({
  summary: { zh: '查看使用情况', en: 'show the usage' },
  example: { zh: 'token-sync status --json', en: 'token-sync status --json' },
  flags: {},
  args: [],
  async run({ daemon, settings, language }) {
    const [usage, info, forecast, estimate_accuracy] = await daemon((call) =>
      Promise.all([
        call('usage.get', {}),
        call('daemon.info', {}),
        call('usage.forecast', {}),
        settings.isJson ? call('usage.estimate_accuracy', {}) : undefined,
      ]),
    );
    const warnings = info.warnings.map(asTyped);
    const { alerts } = info;
    return {
      text: statusText(usage, forecast, language),
      json: { success: true, ...usage, warnings, alerts, forecast, estimate_accuracy },
      ...(settings.isJson ? {} : { note: alertsText(alerts, usage, language) + warningsText(warnings, language) }),
    };
  },
});
