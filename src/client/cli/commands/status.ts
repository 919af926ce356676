import { defineCommand } from '../command.ts';
import { alertsText, statusText, warningsText } from '../render.ts';

/** The usage; what the daemon warns of and what was alerted goes to standard error. */
export const status = defineCommand({
  flags: {},
  places: [],
  async run({ daemon, settings, language }) {
    const [usage, { warnings, alerts }, forecast, estimate_accuracy] = await daemon((call) =>
      Promise.all([
        call('usage.get', {}),
        call('daemon.info', {}),
        settings.isJson ? call('usage.forecast', {}) : undefined,
        settings.isJson ? call('usage.estimate_accuracy', {}) : undefined,
      ]),
    );
    return {
      text: statusText(usage, language),
      json: { success: true, ...usage, warnings, alerts, forecast, estimate_accuracy },
      ...(settings.isJson ? {} : { note: alertsText(alerts, usage, language) + warningsText(warnings, language) }),
    };
  },
});
