import type { Bilingual, Language } from '../../../protocol/language.ts';
import type { ToldSetting } from '../../../protocol/methods.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import { asTyped } from '../own-command.ts';
import { displayWidth, padWidth } from './display-width.ts';
import { block, remarkText } from './render.ts';

/** Settings as a table with a header. */
export function settingsText(settings: readonly ToldSetting[], language: Language): string {
  const rows = [HEADER[language], ...settings.map((setting) => cellsOf(setting, language))];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => displayWidth(row[column]!))));
  return rows.map((row) => `${padded(row, widths).trimEnd()}\n`).join('');
}

/** One setting, with what it is for and what is valid. */
export function settingText(setting: ToldSetting, language: Language): string {
  const { name, value, about, wanted, running } = setting;
  return block(language, `${name}: ${shown(value, language)}`, [
    [ABOUT, about[language]],
    [VALID, wanted[language]],
    [DEFAULT, shown(setting.default, language)],
    [FROM, ORIGIN[setting.origin][language]],
    ...(running === undefined ? [] : [[RUNNING, shown(running, language)] as const]),
  ]);
}

/** The answer of `settings` that has set one; its value is told where a daemon has. */
export function settingSetText({ name, value }: Pick<ToldSetting, 'name'> & Partial<ToldSetting>, language: Language) {
  const figure = value === undefined ? '' : `: ${visibleLine(shown(value, language))}`;
  return `✅ ${SET[language]} ${name}${figure}\n`;
}

/** For standard error beside a setting that takes effect with the next start. */
export function restartRemark(language: Language): string {
  return remarkText(asTyped(RESTART), language);
}

function cellsOf({ name, value, origin, running }: ToldSetting, language: Language): readonly string[] {
  const late = running === undefined ? '' : LATE[language];
  return [name, visibleLine(shown(value, language)), `${ORIGIN[origin][language]}${late}`];
}

function padded(row: readonly string[], widths: readonly number[]): string {
  return row.map((cell, column) => padWidth(cell, widths[column] ?? 0)).join('  ');
}

/** As `settings NAME VALUE` takes it. */
function shown(value: ToldSetting['value'], language: Language): string {
  if (value === null) return NONE[language];
  return Array.isArray(value) ? value.join(',') : String(value);
}

const HEADER = { zh: ['设置', '值', '来自'], en: ['Setting', 'Value', 'From'] };
const ABOUT: Bilingual = { zh: '用途', en: 'For' };
const VALID: Bilingual = { zh: '可用值', en: 'Valid' };
const DEFAULT: Bilingual = { zh: '默认值', en: 'Default' };
const FROM: Bilingual = { zh: '来自', en: 'From' };
const RUNNING: Bilingual = { zh: '重启前仍为', en: 'Until a restart' };
const ORIGIN: Readonly<Record<ToldSetting['origin'], Bilingual>> = {
  default: { zh: '默认', en: 'default' },
  file: { zh: 'config.json', en: 'config.json' },
  environment: { zh: '环境变量', en: 'environment' },
  flag: { zh: '启动选项', en: 'flag' },
};
const NONE = { zh: '（未指定）', en: '(none)' };
const LATE = { zh: '（重启后生效）', en: ' (after a restart)' };
const SET = { zh: '已设置', en: 'Set' };
const RESTART = {
  zh: '下次启动后生效：token-sync restart',
  en: 'it takes effect with the next start: token-sync restart',
};
