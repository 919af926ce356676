import { TokenSyncError } from '../../../../protocol/errors.ts';
import type { ToldSetting } from '../../../../protocol/methods.ts';
import { environmentName, flagName, SETTINGS, type Setting, settingNames } from '../../../../shared/settings.ts';
import { findRunning } from '../../../sdk/daemon/daemon-finder.ts';
import { findOptions } from '../../calls/daemon-caller.ts';
import { writeSettings } from '../../calls/write-settings.ts';
import { defineCommand, type Input, type Outcome } from '../../command.ts';
import { restartRemark, settingSetText, settingsText, settingText } from '../../show/settings-view.ts';
import { nearest } from '../../suggestion.ts';
import { wrongUsage } from '../../wrong-usage.ts';

/** Shows every setting, one with what it is for, or sets one. */
export const settings = defineCommand({
  summary: { zh: '查看或修改设置', en: 'show settings, or change one' },
  example: { zh: 'token-sync settings alerts.thresholds 80,95', en: 'token-sync settings alerts.thresholds 80,95' },
  flags: {},
  args: ['[NAME]', '[VALUE]'],
  notes: [
    [
      'VALUE',
      {
        zh: '如 true、80,90,100 或 JSON 列表；default 恢复默认值',
        en: 'such as true, 80,90,100 or a list as JSON; default takes it out of config.json',
      },
    ],
  ],
  async run(input) {
    const { positionals, daemon, language } = input;
    const [name, text] = positionals;
    if (name === undefined) {
      const told = await daemon((call) => call('settings.get', {}));
      return { text: settingsText(told.settings, language), json: { success: true, ...told } };
    }
    const setting = settingNamed(name);
    if (text === undefined) {
      const told = await toldOf(setting, input);
      return { text: settingText(told, language), json: { success: true, ...told } };
    }
    return await (setting.isLocal ? setHere : setThere)(setting, readValue(text), input);
  },
});

type Context = Pick<Input, 'daemon' | 'settings' | 'language'>;

async function setThere({ key }: Setting, value: unknown, { daemon, language }: Context): Promise<Outcome> {
  const { settings } = await daemon((call) => call('settings.set', { settings: { [key]: value } }));
  return setOutcome(settings[0]!, language);
}

/** Nobody sets it over the network: the file is written, and a daemon that runs is told to read it again. */
async function setHere(setting: Setting, value: unknown, context: Context): Promise<Outcome> {
  const { settings, daemon, language } = context;
  const isRunning = (await findRunning({ ...findOptions(settings, language), mayStart: false })) !== undefined;
  if (isRunning) requireFree(setting, await toldOf(setting, context));
  await writeSettings(settings.dataDir, { [setting.key]: value });
  if (isRunning) await daemon((call) => call('settings.set', { settings: {} }));
  if (isRunning) return setOutcome(await toldOf(setting, context), language);
  const json = { success: true, name: setting.key, restart_needed: false };
  return { text: settingSetText({ name: setting.key }, language), json };
}

async function toldOf({ key }: Setting, { daemon }: Pick<Input, 'daemon'>): Promise<ToldSetting> {
  const { settings } = await daemon((call) => call('settings.get', {}));
  return settings.find(({ name }) => name === key)!;
}

function setOutcome(told: ToldSetting, language: Input['language']): Outcome {
  const { name, value, at_once, running } = told;
  const needsRestart = !at_once && running !== undefined;
  return {
    text: settingSetText(told, language),
    json: { success: true, name, value, restart_needed: needsRestart },
    ...(needsRestart && { remark: restartRemark(language) }),
  };
}

/** In the form of the environment; a list may be JSON. */
function readValue(text: string): unknown {
  if (text === 'default') return null;
  if (!text.startsWith('[')) return text;
  try {
    return JSON.parse(text);
  } catch {
    // Refused as any other text, with what is valid.
    return text;
  }
}

function settingNamed(name: string): Setting {
  const setting = SETTINGS.find(({ key, older }) => key === name || older === name);
  if (setting) return setting;
  const near = nearest(name, settingNames());
  throw wrongUsage(
    { zh: `未知设置：${name}`, en: `unknown setting: ${name}` },
    near
      ? { zh: `是否想用 ${near}？全部设置见 token-sync settings`, en: `did you mean ${near}? See token-sync settings` }
      : { zh: '全部设置见 token-sync settings', en: '`token-sync settings` shows all of them' },
  );
}

/** What the running daemon was given by its environment or a flag would go before the file. */
function requireFree({ key }: Setting, { origin }: ToldSetting): void {
  if (origin !== 'environment' && origin !== 'flag') return;
  const place = origin === 'flag' ? `--${flagName(key)}` : environmentName(key);
  throw new TokenSyncError(
    'value_refused',
    { zh: `${key} 由 ${place} 指定，没有修改`, en: `${key} is set by ${place}, so it was not changed` },
    {
      field: key,
      hint: {
        zh: `请修改 ${place}，然后运行 token-sync restart`,
        en: `change ${place}, then run \`token-sync restart\``,
      },
    },
  );
}
