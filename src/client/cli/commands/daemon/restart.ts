import { LAST_DEFAULT_PORT } from '../../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../../protocol/errors.ts';
import type { DaemonSettings } from '../../../../shared/settings.ts';
import { readDaemonFile } from '../../../sdk/daemon/daemon-file.ts';
import { settingsOfNextDaemon } from '../../calls/daemon-settings.ts';
import { defineCommand } from '../../command.ts';
import { checkAddress } from '../../doctor/port-check.ts';
import type { Settings } from '../../settings.ts';
import { startDaemon } from './start.ts';
import { stopDaemon } from './stop.ts';

/** Stops the daemon, if one runs, and starts one of this version; what would keep it from starting is refused while the old one runs on. */
export const restart = defineCommand({
  summary: { zh: '重启守护进程', en: 'stop the daemon and start it again' },
  example: { zh: 'token-sync restart', en: 'token-sync restart' },
  flags: {},
  args: [],
  async run({ settings, language }) {
    await requireAddress(settings, settingsOfNextDaemon(settings));
    await stopDaemon(settings, language);
    return await startDaemon(settings, language);
  },
});

async function requireAddress({ dataDir }: Settings, next: DaemonSettings): Promise<void> {
  const old = readDaemonFile(dataDir);
  const last = next.isPortExplicit ? next.port : LAST_DEFAULT_PORT;
  const own = old && Number(new URL(old.url).port);
  // Its own port is free once it has stopped.
  if (own !== undefined && own >= next.port && own <= last) return;
  const { isWell, text, hint } = await checkAddress(next);
  if (!isWell) throw new TokenSyncError('unreachable', text, hint ? { hint } : {});
}
