import type { Language } from '../../../../protocol/language.ts';
import { visibleLine } from '../../../../shared/visible-text.ts';
import { defineCommand } from '../../command.ts';
import { checksOf } from '../../doctor/checks.ts';
import { type Finding, lookAt } from '../../doctor/finding.ts';
import { asTyped } from '../../own-command.ts';

/** Looks at everything that can be wrong and says how to mend it; changes and starts nothing. */
export const doctor = defineCommand({
  summary: { zh: '检查问题并说明如何解决', en: 'find what is wrong and how to mend it' },
  example: { zh: 'token-sync doctor', en: 'token-sync doctor' },
  flags: {},
  args: [],
  async run({ settings, language }) {
    const subject = await lookAt(settings, language);
    const findings: Finding[] = [];
    for (const check of checksOf(subject)) findings.push(...(await check(subject)).map(typed));
    const isWell = findings.every(({ isWell }) => isWell);
    return {
      text: findings.map((finding) => findingText(finding, language)).join('') + summary(findings, language),
      json: {
        success: isWell,
        checks: findings.map(({ name, isWell, text, hint }) => ({
          name,
          ok: isWell,
          text: text[language],
          ...(hint && { hint: hint[language] }),
        })),
      },
      exitCode: isWell ? 0 : 1,
    };
  },
});

function typed(finding: Finding): Finding {
  return { ...finding, ...(finding.hint && { hint: asTyped(finding.hint) }) };
}

function findingText({ isWell, text, hint }: Finding, language: Language): string {
  return `${isWell ? '✓' : '✗'} ${visibleLine(text[language])}\n${hint ? `   → ${visibleLine(hint[language])}\n` : ''}`;
}

function summary(findings: readonly Finding[], language: Language): string {
  const wrong = findings.filter(({ isWell }) => !isWell).length;
  if (wrong === 0) return { zh: '\n✅ 一切正常\n', en: '\n✅ All is well\n' }[language];
  return { zh: `\n❌ 发现 ${wrong} 个问题\n`, en: `\n❌ Problems found: ${wrong}\n` }[language];
}
