import type * as z from 'zod/mini';
import { type FailureKind, TokenSyncError } from './errors.ts';
import type { ContentRule } from './fields.ts';
import type { Bilingual } from './language.ts';
import { METHODS, type MethodName, type Params } from './methods.ts';

/** The params of a call, checked against the contract; throws a `TokenSyncError` that names the first field at fault. */
export function validateParams<M extends MethodName>(method: M, params: unknown): Params<M> {
  const parsed = METHODS[method].params.safeParse(params ?? {});
  if (parsed.success) return parsed.data as Params<M>;
  throw refusalOf(parsed.error.issues[0]!, METHODS[method].params);
}

type Issue = z.core.$ZodIssue;

const RULES: Record<ContentRule, (field: string) => Bilingual> = {
  too_long: (field) => ({ zh: `${field} 太长`, en: `${field} is too long` }),
  empty: (field) => ({ zh: `${field} 不能为空`, en: `${field} must not be empty` }),
  control_character: (field) => ({
    zh: `${field} 含有控制字符（只允许制表符和换行符）`,
    en: `${field} holds a control character (only tab and newline are allowed)`,
  }),
  not_a_time: (field) => ({
    zh: `${field} 不是有效时间；请写成 2025-11-18 20:30:00 或 ISO 8601`,
    en: `${field} is not a time; write 2025-11-18 20:30:00 or ISO 8601`,
  }),
  not_a_total: (field) => ({
    zh: `${field} 必须是从 1 起的整数`,
    en: `${field} must be a whole number from 1`,
  }),
  not_a_limit: (field) => ({
    zh: `${field} 必须是 1 到 1,000 的整数`,
    en: `${field} must be a whole number from 1 to 1,000`,
  }),
  not_a_change_count: (field) => ({
    zh: `${field} 必须是 1 到 200 的整数`,
    en: `${field} must be a whole number from 1 to 200`,
  }),
  not_a_patience: (field) => ({
    zh: `${field} 必须是 1 到 10,000 的整数（毫秒）`,
    en: `${field} must be a whole number of milliseconds from 1 to 10,000`,
  }),
  not_a_point_count: (field) => ({
    zh: `${field} 必须是 2 到 2,000 的整数`,
    en: `${field} must be a whole number from 2 to 2,000`,
  }),
};

const LONGEST: Readonly<Record<string, string>> = { event: '1,000', conversation_id: '256', id: '128' };

function refusalOf(issue: Issue, schema: z.core.$ZodType): TokenSyncError {
  const field = issue.path.join('.');
  if (issue.code === 'custom') return contentRefusal(issue.params?.rule as ContentRule, field);
  if (issue.code === 'unrecognized_keys') return unknownParam(issue.keys[0] ?? '', schema);
  if (issue.code === 'too_big' && issue.origin === 'array') {
    return refuse('too_large', field, {
      zh: `${field} 的条目太多；一次最多 ${issue.maximum} 条`,
      en: `${field} has too many entries; at most ${issue.maximum} at once`,
    });
  }
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.join(', ');
    return refuse('invalid_params', field, {
      zh: `${field} 只能是：${allowed}`,
      en: `${field} must be one of: ${allowed}`,
    });
  }
  return refuse('invalid_params', field, {
    zh: field ? `${field} 缺失或类型不对` : '参数必须是一个对象',
    en: field ? `${field} is missing or of the wrong type` : 'params must be an object',
  });
}

function contentRefusal(rule: ContentRule, field: string): TokenSyncError {
  const longest = LONGEST[field.split('.').at(-1) ?? ''];
  const hint = rule === 'too_long' && longest;
  return new TokenSyncError('value_refused', RULES[rule](field), {
    field,
    ...(hint && { hint: { zh: `最多 ${longest} 个字符`, en: `at most ${longest} characters` } }),
  });
}

function unknownParam(name: string, schema: z.core.$ZodType): TokenSyncError {
  const known = Object.keys((schema as z.ZodMiniObject).def.shape ?? {}).join(', ');
  // The name is the caller's own text: bounded, so that an answer never grows with a request.
  const shown = name.slice(0, 64);
  return new TokenSyncError(
    'invalid_params',
    { zh: `未知参数：${shown}`, en: `unknown parameter: ${shown}` },
    {
      field: shown,
      hint: known
        ? { zh: `可用参数：${known}`, en: `known parameters: ${known}` }
        : { zh: '此方法没有参数', en: 'this method takes no parameters' },
    },
  );
}

function refuse(kind: FailureKind, field: string, text: Bilingual): TokenSyncError {
  return new TokenSyncError(kind, text, field ? { field } : {});
}
