import { spawn } from 'node:child_process';
import { parse } from 'node:path';
import type { Language } from '../../../../protocol/language.ts';
import { given } from '../../../../shared/given.ts';
import { visibleLine } from '../../../../shared/visible-text.ts';
import { settingsOfNextDaemon } from '../../calls/daemon-settings.ts';
import { defineCommand, type Outcome } from '../../command.ts';
import { asTyped } from '../../own-command.ts';
import { servicePlace } from '../../service/environment.ts';
import { contentOf, removeService, runAll, stateOf, writeService } from '../../service/installation.ts';
import {
  carriedSettings,
  requireOneLine,
  type ServicePlace,
  type ServicePlan,
  servicePlan,
} from '../../service/plan.ts';
import type { Settings } from '../../settings.ts';
import { wrongUsage } from '../../wrong-usage.ts';

/** Starts the daemon at each login. */
export const service = defineCommand({
  summary: { zh: '登录时自动启动守护进程', en: 'start the daemon at each login' },
  example: { zh: 'token-sync service install', en: 'token-sync service install' },
  flags: {
    'dry-run': { meaning: { zh: '只显示会写什么、运行什么', en: 'only show what would be written and run' } },
    // Of the start-up entries that this command writes.
    background: {},
  },
  args: ['install|uninstall|status'],
  async run({ positionals: [act], flags, settings, language }) {
    const place = servicePlace(settings);
    const plan = servicePlan(place);
    const isDry = flags['dry-run'] === true;
    // Settings with which no daemon starts are refused now, not at the next login.
    if (act === 'install') {
      requireOneLine(place);
      settingsOfNextDaemon(settings);
    }
    if (act === 'install') return isDry ? dryRun(plan, plan.load, language) : await install(plan, settings, language);
    if (act === 'uninstall')
      return isDry ? dryRun(plan, plan.unload, language) : await uninstall(plan, settings, language);
    if (act === 'status') return status(plan, language);
    if (act === 'run') return flags.background ? runInBackground(place) : await run(place);
    throw wrongUsage(
      { zh: `未知操作：${act}`, en: `unknown: service ${act}` },
      {
        zh: '可用：service install、service uninstall、service status',
        en: 'use service install, uninstall or status',
      },
    );
  },
});

async function install(plan: ServicePlan, settings: Settings, language: Language): Promise<Outcome> {
  const was = stateOf(plan);
  const before = contentOf(plan);
  writeService(plan);
  // One that was started by a command would keep the service from its folder.
  const { stopDaemon } = await import('./stop.ts');
  await stopDaemon(settings, language);
  const refused = runAll(plan.load);
  const title = (was === 'installed' && before === plan.content ? THERE_ALREADY : INSTALLED)[language];
  const carried = carriedSettings(plan.content);
  const lost = carriedSettings(before ?? '').filter((name) => !carried.includes(name));
  const missing = [...new Set([...plan.leftOut, ...lost])];
  const notes = [
    ...missing.map((name) => `⚠️ ${NOT_CARRIED[language]}${name}\n`),
    ...(refused === undefined ? [] : [`⚠️ ${LATER[language]}${visibleLine(refused)}\n`]),
  ];
  return {
    text: `✅ ${title}\n   ${visibleLine(plan.file)}\n${carried.length === 0 ? '' : `   ${WITH[language]}${carried.join(' ')}\n`}`,
    json: {
      success: true,
      state: 'installed',
      was,
      file: plan.file,
      running: refused === undefined,
      settings: carried,
      left_out: missing,
    },
    ...(notes.length > 0 && { note: notes.join('') }),
  };
}

async function uninstall(plan: ServicePlan, settings: Settings, language: Language): Promise<Outcome> {
  const was = stateOf(plan);
  if (was === 'absent') return { text: `${ABSENT[language]}\n`, json: { success: true, state: 'absent', was } };
  runAll(plan.unload);
  const { stopDaemon } = await import('./stop.ts');
  await stopDaemon(settings, language);
  removeService(plan);
  return { text: `✅ ${REMOVED[language]}\n`, json: { success: true, state: 'absent', was, file: plan.file } };
}

function status(plan: ServicePlan, language: Language): Outcome {
  const state = stateOf(plan);
  const text = asTyped({ absent: ABSENT, installed: THERE, outdated: OUTDATED }[state])[language];
  return {
    text: `${text}\n${state === 'absent' ? '' : `   ${visibleLine(plan.file)}\n`}`,
    json: { success: true, state, file: plan.file },
  };
}

function dryRun({ file, content, link }: ServicePlan, commands: ServicePlan['load'], language: Language): Outcome {
  const lines = [
    `# ${visibleLine(file)}`,
    content,
    ...(link === undefined ? [] : [visibleLine(`# ${link} → ${file}`)]),
    `# ${THEN[language]}`,
  ];
  return {
    text: [...lines, ...commands.map((command) => visibleLine(command.join(' '))), ''].join('\n'),
    json: { success: true, dry_run: true, file, content, ...given({ link }), commands },
  };
}

/** Runs the daemon as the service of a system that cannot restart it. */
async function run({ node, daemon, dataDir, port }: ServicePlace): Promise<Outcome> {
  const { supervise } = await import('../../service/supervisor.ts');
  const flags = port === undefined ? [] : ['--port', String(port)];
  const exitCode = await supervise([node, daemon, '--data', dataDir, ...flags]);
  return { text: '', json: { success: exitCode === 0, exit_code: exitCode }, exitCode };
}

/** Without a window, and without the one that a start-up entry opens. */
function runInBackground({ node, cli, dataDir, port }: ServicePlace): Outcome {
  const flags = port === undefined ? [] : ['--port', String(port)];
  const child = spawn(node, [cli, 'service', 'run', '--data', dataDir, ...flags], {
    cwd: parse(node).root,
    detached: true,
    windowsHide: true,
    stdio: 'ignore',
  });
  child.unref();
  return { text: '', json: { success: true, pid: child.pid } };
}

const INSTALLED = { zh: '已安装：登录时自动启动守护进程', en: 'Installed: the daemon starts at each login' };
const THERE_ALREADY = { zh: '已经安装，没有变化', en: 'It was installed already; nothing has changed' };
const THERE = { zh: '已安装', en: 'The service is installed' };
const OUTDATED = {
  zh: '已安装，但指向别处；请运行 token-sync service install',
  en: 'The service is installed for another place; run `token-sync service install`',
};
const ABSENT = { zh: '没有安装服务', en: 'The service is not installed' };
const REMOVED = { zh: '已卸载', en: 'The service is removed' };
const WITH = { zh: '带有设置：', en: 'with the settings ' };
const NOT_CARRIED = {
  zh: '服务不带有此设置；需要时请写入 config.json：',
  en: 'the service is without a setting; write it into config.json where it is wanted: ',
};
const LATER = { zh: '下次登录时启动；现在没能启动：', en: 'it starts at the next login; now the system refused: ' };
const THEN = { zh: '然后运行：', en: 'and then runs:' };
