import { existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../../support/daemon.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { needs } from '../../support/needs.ts';
import { execFileSync } from '../../support/programs.ts';
import { until } from '../../support/until.ts';

const SCRIPTS = join(import.meta.dirname, '../../../scripts');
const NAMES = ['🔄快速同步Token', '🔢手动录入Token', '📊查看Token状态'];

test('there is a desktop entry for each script', () => {
  expect(globSync('*.desktop', { cwd: SCRIPTS }).toSorted()).toEqual(NAMES.map((name) => `${name}.desktop`).toSorted());
});

describe.each(NAMES)('%s.desktop', (name) => {
  const file = join(SCRIPTS, `${name}.desktop`);

  test('a desktop entry is valid by the specification', () => {
    execFileSync('desktop-file-validate', ['--warn-kde', file]);
  });

  test('a desktop entry runs the script beside it, wherever that is, in a window and with a Chinese name', async () => {
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^Terminal=true$/m);
    expect(text).toContain(`Name[zh_CN]=${name.slice(2)}`);
    // A desktop opens a terminal of its own choice, which is none of ours: everything else is as a double click does it.
    const folder = join(temporaryFolder(), `我的 'x' $y (1)`);
    mkdirSync(folder);
    const copy = join(folder, basename(file));
    writeFileSync(copy, text.replace('Terminal=true', 'Terminal=false'));
    const ran = join(folder, 'ran');
    writeFileSync(join(folder, `${name}.sh`), `#!/bin/sh\npwd > "$(dirname "$0")/ran"\n`, { mode: 0o755 });
    launch(copy);
    await until(() => existsSync(ran), 'the script has run');
  });
});

test('a desktop entry shows the real status by a double click', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: 350_000 });
  const folder = join(temporaryFolder(), 'scripts');
  symlinkSync(SCRIPTS, folder);
  const text = readFileSync(join(SCRIPTS, `${NAMES[2]}.desktop`), 'utf8').replace('Terminal=true', 'Terminal=false');
  const words = execFileSync('sh', ['-c', commandOf(text, join(folder, `${NAMES[2]}.desktop`))], {
    env: { ...process.env, TOKEN_SYNC_DATA: daemon.folder, TOKEN_SYNC_LANG: 'zh' },
    encoding: 'utf8',
    cwd: '/',
  });
  expect(words).toContain('已使用: 350,000 tokens');
});

/** As the file managers of GNOME, Xfce and others do it: by GLib. */
function launch(file: string): void {
  const script = `
import sys, time
from gi.repository import Gio
assert Gio.DesktopAppInfo.new_from_filename(sys.argv[1]).launch([], None)
time.sleep(0.2)`;
  execFileSync(needs('python3:gi'), ['-c', script, file], { cwd: '/' });
}

/** The command line of an entry with the entry's own path in it. */
function commandOf(text: string, path: string): string {
  const exec = /^Exec=(.*)$/m.exec(text)![1]!.replaceAll('\\\\', '\\');
  return exec.replace('%k', `'${path}'`);
}
