import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOKEN_FILE } from '../../protocol/addresses.ts';
import { replaceFile } from './atomic-replace.ts';

/** The secret of a data folder, made at the first use; only its owner can read the file. */
export async function readOrMakeToken(folder: string): Promise<string> {
  const path = join(folder, TOKEN_FILE);
  try {
    const token = readFileSync(path, 'utf8').trim();
    if (token.length >= 32) return token;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const token = randomBytes(32).toString('base64url');
  await replaceFile(path, `${token}\n`, 0o600);
  return token;
}
