import { cleanText, readVerdict, splitLines } from '../../../protocol/token-value.ts';

/**
 * Whether nothing but a usage figure was copied, so that it may be recorded without being asked. It is short, carries
 * its own label, has nothing of a secret about it, and says nothing else: no number but the figure, its budget and its
 * percentage, and hardly a word that does not speak of usage, as in `Cursor: 350,000 tokens used`.
 */
export function isLabelledUsage(text: string): boolean {
  const copied = cleanText(text).trim();
  if (copied.length > MAX_LENGTH || splitLines(copied).length > MAX_LINES) return false;
  if ([SECRET, CODE, KEY, SETTING].some((pattern) => pattern.test(copied))) return false;
  const verdict = readVerdict(text);
  if ('reason' in verdict || !verdict.isLabelled) return false;
  const figures = verdict.total === undefined ? 1 : 2;
  const mayHold = verdict.saysUsedTokens ? MAX_OTHER_WORDS : 0;
  return verdict.otherWords <= mayHold && !holdsOtherNumber(copied, figures);
}
/** A number beyond the `figures` and one percentage: it may be the one that counts, as a date or a price may tell. */
function holdsOtherNumber(copied: string, figures: number): boolean {
  const others = copied.replace(PERCENTAGE, '');
  return (others.match(NUMBERS)?.length ?? 0) > figures;
}

const PERCENTAGE = /(?<![0-9.,])[0-9]+(?:\.[0-9]+)? ?%/;

/** `350 000` is one number, and so is each `350,000` of a pair. */
const NUMBERS = /(?<![0-9.,])[0-9]{1,3}(?: [0-9]{3})+(?![0-9.,]*[0-9])|[0-9]+(?:[,_'.][0-9]+)*|\p{N}/gu;

/** A longer text was copied for something else, though it may tell a figure too. */
const MAX_LENGTH = 120;
const MAX_LINES = 3;
const MAX_OTHER_WORDS = 3;

/** `Your login token: 482913` is labelled like a figure, and is none. */
const SECRET =
  /pass(?:word|code|phrase|wd|key)|\bpwd\b|secret|credential|log[- ]?in|sign[- ]?in|verif|one[- ]?time|\b(?:otp|2fa|mfa|pin|code|key|auth|bearer|access|refresh|security|api[- ]token)\b|密码|密钥|口令|验证|校验|动态码|登录|登陆|授权|安全/i;

/** A code for a login, `Your token is 482913`, where a figure would say what was counted: `Your tokens`, `Your token usage`. */
const CODE = /(?:\b(?:your|session)\s+token|令牌)\s*(?:\bis\b|是|为|[:：=])/i;

/** A run of characters such as `sk-a81f…`: letters that go over into digits, as no word does. */
const KEY = /(?=\S{8})\S*[A-Za-z]\d/;

/** `TOKEN=123456`: a setting of some program, and more likely a secret than a figure. */
const SETTING = /^(?:export |set )?\w+=["']?\d/im;
