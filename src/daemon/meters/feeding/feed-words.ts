import type { Language } from '../../../protocol/language.ts';

const TOOL_NAMES: Readonly<Record<string, string>> = {
  cursor: 'Cursor',
  claude: 'Claude Code',
  codex: 'Codex',
  copilot: 'Copilot CLI',
  opencode: 'opencode',
  qwen: 'Qwen Code',
  kimi: 'Kimi CLI',
  gemini: 'Gemini CLI',
};

/** The event of a session that a meter tells. */
export function feedEvent(meter: string, lang: Language): string {
  const tool = meter.split('.')[0]!;
  const name = TOOL_NAMES[tool] ?? tool;
  return lang === 'zh' ? `${name} 用量` : `${name} usage`;
}
