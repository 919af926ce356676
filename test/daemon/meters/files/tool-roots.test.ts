import { expect, test } from 'vitest';
import {
  distributionsIn,
  type ToolSystem,
  toolRoots,
  wslSystem,
} from '../../../../src/daemon/meters/files/tool-roots.ts';
import type { Tool } from '../../../../src/protocol/meters.ts';

const LINUX: ToolSystem = { platform: 'linux', env: {}, home: '/home/me' };
const DARWIN: ToolSystem = { platform: 'darwin', env: {}, home: '/Users/me' };
const WINDOWS: ToolSystem = {
  platform: 'win32',
  env: { APPDATA: 'D:\\Roaming' },
  home: 'C:\\Users\\me',
};

function pathsOf(tool: Tool, system: ToolSystem): string[] {
  return toolRoots(system)
    .filter((root) => root.tool === tool)
    .map(({ path }) => path);
}

test.each<[Tool, ToolSystem, readonly string[]]>([
  ['cursor', LINUX, ['/home/me/.config/Cursor/User/globalStorage']],
  ['cursor', { ...LINUX, env: { XDG_CONFIG_HOME: '/cfg/' } }, ['/cfg/Cursor/User/globalStorage']],
  ['cursor', { ...LINUX, env: { XDG_CONFIG_HOME: 'relative' } }, ['/home/me/.config/Cursor/User/globalStorage']],
  ['cursor', DARWIN, ['/Users/me/Library/Application Support/Cursor/User/globalStorage']],
  ['cursor', WINDOWS, ['D:\\Roaming\\Cursor\\User\\globalStorage']],
  ['cursor', { ...WINDOWS, env: {} }, ['C:\\Users\\me\\AppData\\Roaming\\Cursor\\User\\globalStorage']],
  ['cursor', wslSystem('Ubuntu', 'me'), ['\\\\wsl.localhost\\Ubuntu\\home\\me\\.config\\Cursor\\User\\globalStorage']],
  [
    'claude',
    LINUX,
    [
      '/home/me/.claude/projects',
      '/home/me/.config/claude/projects',
      '/home/me/.config/Claude/local-agent-mode-sessions',
    ],
  ],
  [
    'claude',
    { ...DARWIN, env: { CLAUDE_CONFIG_DIR: ' ~/one/ , /two,,three,/two/' } },
    [
      '/Users/me/one/projects',
      '/two/projects',
      '/Users/me/Library/Application Support/Claude/local-agent-mode-sessions',
    ],
  ],
  [
    'claude',
    WINDOWS,
    [
      'C:\\Users\\me\\.claude\\projects',
      'C:\\Users\\me\\.config\\claude\\projects',
      'D:\\Roaming\\Claude\\local-agent-mode-sessions',
    ],
  ],
  [
    'claude',
    wslSystem('Debian', 'you'),
    [
      '\\\\wsl.localhost\\Debian\\home\\you\\.claude\\projects',
      '\\\\wsl.localhost\\Debian\\home\\you\\.config\\claude\\projects',
      '\\\\wsl.localhost\\Debian\\home\\you\\.config\\Claude\\local-agent-mode-sessions',
    ],
  ],
  ['codex', LINUX, ['/home/me/.codex/sessions', '/home/me/.codex/archived_sessions']],
  ['codex', { ...LINUX, env: { CODEX_HOME: '/c' } }, ['/c/sessions', '/c/archived_sessions']],
  ['codex', WINDOWS, ['C:\\Users\\me\\.codex\\sessions', 'C:\\Users\\me\\.codex\\archived_sessions']],
  ['copilot', { ...LINUX, env: { COPILOT_HOME: '/p' } }, ['/p']],
  ['opencode', { ...LINUX, env: { XDG_DATA_HOME: '/d' } }, ['/d/opencode', '/d/opencode/storage/message']],
  ['qwen', { ...LINUX, env: { QWEN_DATA_DIR: '/q' } }, ['/q/projects']],
  ['kimi', LINUX, ['/home/me/.kimi/sessions', '/home/me/.kimi-code/sessions']],
  ['gemini', { ...LINUX, env: { GEMINI_CLI_HOME: '/g' } }, ['/g/.gemini/tmp']],
])('the folders of %s are found as it finds them: case %#', (tool, system, paths) => {
  expect(pathsOf(tool, system)).toEqual(paths);
});

test.each<[Tool, number, string, boolean]>([
  ['claude', 0, '-home-me-x/a.jsonl', true],
  ['claude', 0, '-home-me-x/a/subagents/b.jsonl', true],
  ['claude', 0, '-home-me-x/a.json', false],
  ['claude', 2, 'one/two/projects/-x/a.jsonl', true],
  ['claude', 2, 'one/outputs/a.jsonl', false],
  ['claude', 2, '1/2/3/4/5/6/7/8/9/projects/-x/a.jsonl', false],
  ['codex', 0, '2026/11/30/rollout-1.jsonl', true],
  ['codex', 0, '2026/11/30/rollout-1.jsonl.zst', true],
  ['codex', 0, '2026/11/30/rollout-1.jsonl.tmp', false],
  ['codex', 1, 'rollout-1.jsonl', true],
  ['codex', 1, 'history.jsonl', false],
  ['cursor', 0, 'state.vscdb', true],
  ['cursor', 0, 'state.vscdb.backup', false],
  ['gemini', 0, 'slug/chats/a/b.json', true],
  ['gemini', 0, 'slug/logs.json', false],
])('of %s, root %i, the name %s is a file of its: %s', (tool, index, below, isOne) => {
  const root = toolRoots(LINUX).filter((one) => one.tool === tool)[index]!;
  expect(root.files.test(below)).toBe(isOne);
});

test('only a Linux seen from Windows is looked at by stat alone', () => {
  expect(new Set(toolRoots(wslSystem('Ubuntu', 'me')).map(({ isWsl }) => isWsl))).toEqual(new Set([true]));
  expect([LINUX, DARWIN, WINDOWS].flatMap(toolRoots).filter(({ isWsl }) => isWsl)).toEqual([]);
});

test('without a home there are no roots but those that the environment names', () => {
  expect(toolRoots({ platform: 'linux', env: { CODEX_HOME: '/c' }, home: '' }).map(({ path }) => path)).toEqual([
    '/c/sessions',
    '/c/archived_sessions',
  ]);
});

test('running distributions are told by their names, and a sentence that there is none is no name', () => {
  const printed = (text: string) => distributionsIn(Buffer.from(text, 'utf16le'));
  expect(printed('Ubuntu-24.04\r\nDebian\r\ndocker-desktop\r\n\r\n')).toEqual(['Ubuntu-24.04', 'Debian']);
  expect(printed('There are no running distributions.\r\n')).toEqual([]);
  expect(printed('没有正在运行的分发。\r\n')).toEqual([]);
});
