import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from './support/daemon.ts';
import { spawnSync } from './support/programs.ts';
import { until } from './support/until.ts';

const root = join(import.meta.dirname, '..');

test('PROTOCOL.md is in step with the schemas that validate', () => {
  const run = spawnSync(process.execPath, ['scripts/write-protocol-docs.ts', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});

test('both READMEs have the same blocks in the same order, with the same commands and links', () => {
  expect(outlineOf(read('README.zh-CN.md'))).toEqual(outlineOf(read('README.md')));
});

test.each([
  ['a paragraph', /\n\nThe forecast [\s\S]*?(?=\n\n)/],
  ['a question', /\n\n\*\*The power fails\?[\s\S]*?(?=\n\n)/],
  ['an item of a list', /\n- An import [^\n]*/],
  ['a row of a table', /\n\| `token` [^\n]*/],
  ['a command', /\nscripts\/token-sync undo(?=\n)/],
  ['a link', /\[SECURITY\.md\]\(SECURITY\.md\)(?= describes)/],
])('a README that lacks %s is out of step', (_, lost) => {
  const whole = read('README.md');
  expect(whole).toMatch(lost);
  expect(outlineOf(whole.replace(lost, ''))).not.toEqual(outlineOf(whole));
});

test('ARCHITECTURE.md fits on two screens, names every room, and names no file that is not there', () => {
  const text = read('ARCHITECTURE.md');
  expect(text.trimEnd().split('\n').length).toBeLessThan(100);
  const files = globSync('{src,docs,test}/**/*', { cwd: root }).map((file) => `/${file.replaceAll('\\', '/')}`);
  const named = [...text.matchAll(/`([\w./-]+\.(?:ts|tsx))`/g)].map(([, name]) => `/${name}`);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !files.some((file) => file.endsWith(name)))).toEqual([]);
  const rooms = [...text.matchAll(/^\| `([\w/-]+)` \|/gm)].map(([, room]) => `/src/${room}`);
  expect(rooms.filter((room) => !files.includes(room))).toEqual([]);
  const isUnderRoom = (file: string) => rooms.some((room) => file.startsWith(`${room}/`));
  expect(files.filter((file) => /^\/src\/.*\.tsx?$/.test(file) && !isUnderRoom(file))).toEqual([]);
});

test('the README lists everything that a data folder holds', async () => {
  const daemon = await startDaemon({ config: {}, args: ['--auth', 'token'] });
  const headers = { authorization: `Bearer ${daemon.read('token').trim()}` };
  await daemon.rpc('usage.set_total', { total: 1_000_000 }, headers);
  await daemon.post('/api/record_token_usage', { tokens: 850_000 }, headers);
  daemon.write('architect_monitor.json', '[]');
  // But for what is on its way to another name.
  const names = () => readdirSync(daemon.folder).filter((name) => !name.endsWith('.token-sync'));
  await until(
    () => names().includes('alerts.json') && names().some((name) => name.includes('.invalid-')),
    'it has alerted, and has set the edit aside',
  );
  const [, section = ''] = read('README.md').split('The data folder holds:');
  const listed = [...section.matchAll(/^\| `([^`]+?)\/?` \|/gm)].map(([, name]) => name!);
  expect(names().filter((name) => !listed.some((pattern) => matchesGlob(name, pattern)))).toEqual([]);
});

/** The outline that two languages of a text share: the kind and extent of each block, its commands, and the targets of its links. */
function outlineOf(text: string) {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((block) => {
      const lines = block.split('\n');
      const links = [...block.matchAll(/\]\(([^)#]*)/g)].map(([, target]) => target!.replace('README.zh-CN', 'README'));
      return { kind: kindOf(lines), links: links.toSorted(), commands: lines.filter(isCommand).map(withoutTexts) };
    });
}

/** A table, list or code block has as many lines in each language, a paragraph has not. */
function kindOf(lines: readonly string[]): string {
  const [, mark = ''] = /^(#+|\||- |```)/.exec(lines[0]!) ?? [];
  if (mark === '- ') return `${lines.filter((line) => line.startsWith('- ')).length} items`;
  return mark === '|' || mark === '```' ? `${lines.length} lines of ${mark}` : mark;
}

function isCommand(line: string): boolean {
  return /^(?:scripts\/token-sync|npm|sudo)\b/.test(line);
}

function withoutTexts(command: string): string {
  return command.replace(/ ".*"/, '');
}

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}
