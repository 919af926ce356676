import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expandHome } from '../../../protocol/addresses.ts';
import { given } from '../../../shared/given.ts';
import { environmentName, settingNames } from '../../../shared/settings.ts';
import type { ServicePlace } from './plan.ts';

/** Where this program and this user are: the only look of the service commands at the process. */
export function servicePlace({ dataDir, port }: { readonly dataDir: string; readonly port?: number }): ServicePlace {
  const { env, platform, execPath } = process;
  const isSource = import.meta.url.endsWith('.ts');
  const entry = (source: string, bundle: string) => {
    const path = fileURLToPath(new URL(isSource ? source : bundle, import.meta.url));
    return existsSync(path) ? realpathSync(path) : path;
  };
  return {
    platform,
    home: homedir(),
    configHome: env.XDG_CONFIG_HOME ? expandHome(env.XDG_CONFIG_HOME, homedir()) : undefined,
    appData: env.APPDATA || undefined,
    node: execPath,
    daemon: entry('../../../daemon/main.ts', './daemon.js'),
    cli: entry('../main.ts', './cli.js'),
    dataDir,
    ...given({ port }),
    settings: settingsOf(env),
  };
}

function settingsOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = settingNames().map(environmentName);
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}
