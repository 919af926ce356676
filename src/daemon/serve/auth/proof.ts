import { randomBytes } from 'node:crypto';
import { CHALLENGE_HEADER, type DaemonFile, PROOF_HEADER } from '../../../protocol/addresses.ts';
import { isSameSecret } from './token-check.ts';

/** How one start of a daemon proves to a client that it is the one that wrote `daemon.json`. */
export class Proof {
  /** Published in `daemon.json`, for those who may read it. */
  readonly told: Required<Pick<DaemonFile, 'challenge' | 'proof'>> = { challenge: secret(), proof: secret() };

  /** The headers of the answer to one who brought our challenge; none for anybody else, who learns nothing. */
  headers(header: (name: string) => string | undefined): Record<string, string> {
    const challenge = header(CHALLENGE_HEADER);
    const isOurs = challenge !== undefined && isSameSecret(challenge, this.told.challenge);
    return isOurs ? { [PROOF_HEADER]: this.told.proof } : {};
  }
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}
