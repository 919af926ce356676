// Builds the dashboard into a folder: the page, its assets under names that tell their content, and each of them compressed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

/** Builds the page of a checkout; the daemon serves what is there as it is. */
export async function buildDashboard(root, outDir) {
  await build({
    configFile: false,
    root: join(root, 'src/client/dashboard'),
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    plugins: [paintWhenReady],
    build: {
      outDir,
      emptyOutDir: true,
      // The page may load its own files only: no data addresses, no script in the page.
      assetsInlineLimit: 0,
      cssCodeSplit: false,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
  compress(join(outDir, 'assets'));
}

/** The browser waits for the script before it paints: otherwise an empty page would show first, perhaps in the wrong colours. */
const paintWhenReady = {
  name: 'paint-when-ready',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => html.replace(/<script type="module"/, '$& blocking="render"'),
  },
};

function compress(folder) {
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params }));
  }
}
