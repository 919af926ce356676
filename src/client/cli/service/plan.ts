import { posix, win32 } from 'node:path';
import { TokenSyncError } from '../../../protocol/errors.ts';
import { NODE_VARIABLES } from '../../../shared/runtime.ts';

/** Everything that the files of a service depend on. */
export interface ServicePlace {
  /** As in `process.platform`. */
  readonly platform: string;
  readonly home: string;
  /** As in `XDG_CONFIG_HOME`. */
  readonly configHome: string | undefined;
  /** As in `APPDATA`. */
  readonly appData: string | undefined;
  /** The program that runs the entries; this and all other paths are absolute. */
  readonly node: string;
  readonly daemon: string;
  readonly cli: string;
  readonly dataDir: string;
  readonly port?: number;
  /** The settings of the environment, by its names: a login knows nothing of the shell that they were set in. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The parts of a service on any system. */
export interface ServicePlan {
  readonly file: string;
  readonly content: string;
  /** A symbolic link to the file, by which the system finds it at the login. */
  readonly link?: string;
  /** The commands by which the system starts it now, and stops it; a system without a session may refuse. */
  readonly load: readonly (readonly string[])[];
  readonly unload: readonly (readonly string[])[];
  /** The settings that its file cannot hold. */
  readonly leftOut: readonly string[];
}

/** The service of this platform; throws `wrong_usage` where there is none to be had. */
export function servicePlan(place: ServicePlace): ServicePlan {
  if (place.platform === 'linux') return systemdUnit(place);
  if (place.platform === 'darwin') return launchAgent(place);
  if (place.platform === 'win32') return startupEntry(place);
  throw new TokenSyncError(
    'wrong_usage',
    { zh: `不支持此系统：${place.platform}`, en: `this system is not supported: ${place.platform}` },
    {
      hint: {
        zh: '请让系统自行运行 token-sync daemon',
        en: 'have your system run `token-sync daemon` by its own means',
      },
    },
  );
}

/** Throws `wrong_usage` that names a path which no file of a service can hold: a line break in it would begin a line of its own. */
export function requireOneLine({ node, daemon, cli, dataDir }: ServicePlace): void {
  const broken = [dataDir, node, daemon, cli].find((path) => CONTROL_CHARACTER.test(path));
  if (broken === undefined) return;
  throw new TokenSyncError(
    'wrong_usage',
    {
      zh: `路径中有换行或控制字符，不能写入服务文件：${JSON.stringify(broken)}`,
      en: `the path holds a line break or another control character, which no service file can: ${JSON.stringify(broken)}`,
    },
    {
      hint: {
        zh: '请给该文件夹改名，或用 --data 指定另一个',
        en: 'rename the folder, or name another one with --data',
      },
    },
  );
}

/** The settings that a service's file carries, by their names in the environment. */
export function carriedSettings(content: string): string[] {
  return [...content.matchAll(/^(?:Environment="|set "|\t\t<key>)(TOKEN_SYNC_\w+)/gm)].map(([, name]) => name!);
}

/** A service's file but for the settings that it carries: those of another shell make it no other service. */
export function withoutSettings(content: string): string {
  return content
    .replace(/^Environment="TOKEN_SYNC_.*\n/gm, '')
    .replace(/^set "TOKEN_SYNC_.*\r\n/gm, '')
    .replace(/^\t<key>EnvironmentVariables<\/key>\n\t<dict>\n[\s\S]*?\t<\/dict>\n/m, '');
}

function systemdUnit({ home, configHome, node, daemon, dataDir, port, settings }: ServicePlace): ServicePlan {
  const folder = posix.join(configHome ?? posix.join(home, '.config'), 'systemd', 'user');
  const command = [node, daemon, '--data', dataDir, ...portFlag(port)].map(systemdArgument).join(' ');
  const { carried, leftOut } = divide(settings, CONTROL_CHARACTER);
  const environment = carried.map(([name, value]) => `Environment=${systemdQuoted(`${name}=${value}`)}\n`).join('');
  return {
    file: posix.join(folder, UNIT),
    link: posix.join(folder, 'default.target.wants', UNIT),
    // 2 are wrong settings and 6 is another daemon: neither goes away by trying again.
    content: `[Unit]
Description=token-sync keeps the token figure of your AI assistant
StartLimitIntervalSec=60
StartLimitBurst=4

[Service]
Type=exec
UnsetEnvironment=${NODE_VARIABLES.join(' ')}
${environment}ExecStart=${command}
Restart=on-failure
RestartSec=1
RestartPreventExitStatus=2 6

[Install]
WantedBy=default.target
`,
    load: [
      ['systemctl', '--user', 'daemon-reload'],
      ['systemctl', '--user', 'restart', UNIT],
    ],
    unload: [['systemctl', '--user', 'stop', UNIT]],
    leftOut,
  };
}

/** launchd never gives up, so the restarts are left to `service run`. */
function launchAgent({ home, node, cli, dataDir, port, settings }: ServicePlace): ServicePlan {
  const file = posix.join(home, 'Library', 'LaunchAgents', `${LABEL}.plist`);
  const command = [node, cli, 'service', 'run', '--data', dataDir, ...portFlag(port)];
  const { carried, leftOut } = divide(settings, CONTROL_CHARACTER);
  return {
    file,
    content: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>${LABEL}</string>
	<key>ProgramArguments</key>
	<array>
${command.map((part) => `\t\t<string>${xmlEscaped(part)}</string>\n`).join('')}	</array>
${environmentVariables(carried)}	<key>RunAtLoad</key>
	<true/>
	<key>ProcessType</key>
	<string>Interactive</string>
</dict>
</plist>
`,
    load: [
      ['launchctl', 'unload', file],
      ['launchctl', 'load', file],
    ],
    unload: [['launchctl', 'unload', file]],
    leftOut,
  };
}

/** A file in the start-up folder: no registry, no rights, and a person sees it and can delete it. */
function startupEntry({ home, appData, node, cli, dataDir, port, settings }: ServicePlace): ServicePlan {
  const roaming = appData ?? win32.join(home, 'AppData', 'Roaming');
  const command = [node, cli, 'service', 'run', '--background', '--data', dataDir, ...portFlag(port)];
  const file = win32.join(roaming, 'Microsoft', 'Windows', 'Start Menu', 'Programs', 'Startup', 'token-sync.cmd');
  const { carried, leftOut } = divide(settings, NOT_FOR_CMD);
  return {
    file,
    content: [
      '@echo off',
      'rem Starts token-sync at the login.',
      'chcp 65001 >nul',
      ...NODE_VARIABLES.map((name) => `set "${name}="`),
      ...carried.map(([name, value]) => `set ${cmdQuoted(`${name}=${value}`)}`),
      command.map(cmdQuoted).join(' '),
      '',
    ].join('\r\n'),
    load: [['cmd.exe', '/d', '/c', file]],
    unload: [],
    leftOut,
  };
}

const UNIT = 'token-sync.service';
const LABEL = 'io.github.token-sync';

function portFlag(port: number | undefined): string[] {
  return port === undefined ? [] : ['--port', String(port)];
}

/** A line break would end the line of a file; the rest means nothing in a setting. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/** `cmd` runs the text after a second quotation mark as commands. */
const NOT_FOR_CMD = /[\p{Cc}"]/u;

function divide(settings: ServicePlace['settings'], unfit: RegExp) {
  const all = Object.entries(settings);
  return {
    carried: all.filter(([, value]) => !unfit.test(value)),
    leftOut: all.filter(([, value]) => unfit.test(value)).map(([name]) => name),
  };
}

/** systemd.service(5), "Command lines": there alone a dollar sign is a variable's. */
function systemdArgument(text: string): string {
  return systemdQuoted(text).replaceAll('$', '$$$$');
}

/** systemd.syntax(7), "Quoting", and systemd.unit(5), "Specifiers". */
function systemdQuoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}

/** launchd.plist(5), "EnvironmentVariables". */
function environmentVariables(carried: readonly (readonly [name: string, value: string])[]): string {
  if (carried.length === 0) return '';
  const entries = carried.map(([name, value]) => `\t\t<key>${name}</key>\n\t\t<string>${xmlEscaped(value)}</string>\n`);
  return `\t<key>EnvironmentVariables</key>\n\t<dict>\n${entries.join('')}\t</dict>\n`;
}

function xmlEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Windows allows no quotes in paths; a percent sign is doubled in a file of commands. */
function cmdQuoted(text: string): string {
  return `"${text.replaceAll('%', '%%')}"`;
}
