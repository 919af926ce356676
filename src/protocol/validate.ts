import type * as z from 'zod/mini';
import { type FailureKind, TokenSyncError } from './errors.ts';
import type { ContentFault } from './fields.ts';
import type { Bilingual } from './language.ts';
import { METHODS, type MethodName, type Params } from './methods.ts';
import { formatTokens } from './token-value.ts';

/** The params of a call, checked against the contract; throws a `TokenSyncError` that names the first field at fault. */
export function validateParams<M extends MethodName>(method: M, params: unknown): Params<M> {
  const parsed = METHODS[method].params.safeParse(params ?? {});
  if (parsed.success) return parsed.data as Params<M>;
  throw refusalOf(parsed.error.issues[0]!, METHODS[method].params);
}

type Issue = z.core.$ZodIssue;

function refusalOf(issue: Issue, schema: z.core.$ZodType): TokenSyncError {
  const field = issue.path.join('.');
  if (issue.code === 'custom') return contentRefusal(issue.params?.fault as ContentFault, field);
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

function contentRefusal(fault: ContentFault, field: string): TokenSyncError {
  const longest = fault.rule === 'too_long' ? formatTokens(fault.most) : undefined;
  return new TokenSyncError('value_refused', contentText(fault, field), {
    field,
    ...(longest && { hint: { zh: `最多 ${longest} 个字符`, en: `at most ${longest} characters` } }),
  });
}

function contentText(fault: ContentFault, field: string): Bilingual {
  switch (fault.rule) {
    case 'too_long':
      return { zh: `${field} 太长`, en: `${field} is too long` };
    case 'empty':
      return { zh: `${field} 不能为空`, en: `${field} must not be empty` };
    case 'control_character':
      return {
        zh: `${field} 含有控制字符（只允许制表符和换行符）`,
        en: `${field} holds a control character (only tab and newline are allowed)`,
      };
    case 'not_a_time':
      return {
        zh: `${field} 不是有效时间；请写成 2025-11-18 20:30:00 或 ISO 8601`,
        en: `${field} is not a time; write 2025-11-18 20:30:00 or ISO 8601`,
      };
    case 'not_a_total':
      return { zh: `${field} 必须是从 1 起的整数`, en: `${field} must be a whole number from 1` };
    case 'out_of_range': {
      const [least, most] = [formatTokens(fault.least), formatTokens(fault.most)];
      return {
        zh: `${field} 必须是 ${least} 到 ${most} 的整数${fault.isMs ? '（毫秒）' : ''}`,
        en: `${field} must be a whole number ${fault.isMs ? 'of milliseconds ' : ''}from ${least} to ${most}`,
      };
    }
  }
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
