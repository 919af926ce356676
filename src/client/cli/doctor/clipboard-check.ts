import { TokenSyncError } from '../../../protocol/errors.ts';
import { readClipboard } from '../input/clipboard.ts';
import { type Finding, well } from './finding.ts';

/** Whether `quick` has a clipboard to read; none is nothing wrong, as on a server, where everything else works. */
export async function checkClipboard(): Promise<Finding[]> {
  try {
    await readClipboard();
  } catch (error) {
    if (!(error instanceof TokenSyncError)) throw error;
    if (error.kind === 'clipboard_unavailable') return [withoutClipboard(error)];
    // The clipboard can be read; it only holds no value.
  }
  return [well('clipboard', '剪贴板可以读取', 'the clipboard can be read')];
}

function withoutClipboard({ text, hint }: TokenSyncError): Finding {
  const finding = well('clipboard', `这里不能用 quick：${text.zh}`, `quick is not available here: ${text.en}`);
  return hint ? { ...finding, hint } : finding;
}
