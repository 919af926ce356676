// Keeps bundled programs from loading built-in modules before they are used. docs/performance.md says what that saves.

/** Built-in modules that most runs never use: loaded by the first call of one of their functions. */
const LATE = ['node:child_process', 'node:crypto', 'node:readline'];

/** Built-in modules that a package asks for and our programs never make it use, as what the package is given instead. */
const SPARED = [
  // Clients only; our programs for Node serve.
  { by: /[\\/]ws[\\/]lib[\\/]/, modules: ['https', 'tls', 'http'], given: (module) => lateModule(`node:${module}`) },
  // Our log is written by the thread that has something to say, which is the main one.
  { by: /[\\/](pino|thread-stream)[\\/]/, modules: ['worker_threads'], given: () => '{ isMainThread: true }' },
  { by: /[\\/](sonic-boom|thread-stream)[\\/]/, modules: ['assert'], given: () => lateFunction('node:assert') },
];

/** For rolldown. */
export const lazyBuiltins = {
  name: 'lazy-builtins',
  resolveId: {
    order: 'pre',
    handler(id, importer) {
      const spared = SPARED.findIndex(({ by, modules }) => modules.includes(id) && by.test(importer ?? ''));
      if (spared !== -1) return `\0lean:${spared}:${id}`;
      if (id === './binding' && /[\\/]fs-native-extensions[\\/]/.test(importer ?? '')) return '\0lean:native';
      return undefined;
    },
  },
  load(id) {
    if (id === '\0lean:native') return { code: NATIVE, moduleType: 'js' };
    const [, spared, module] = /^\0lean:(\d+):(\w+)$/.exec(id) ?? [];
    return module && { code: `module.exports = ${SPARED[spared].given(module)};`, moduleType: 'js' };
  },
  renderChunk(code, { facadeModuleId }) {
    if (facadeModuleId?.startsWith('\0compile-cache:')) return undefined;
    return code.replaceAll(/^import (.+) from "(node:.+)";$/gm, (_, names, module) => lazyImport(names, module));
  },
};

/**
 * An import of a built-in module evaluates all that it exports; one export of `node:http` loads all of fetch, for 20 ms and
 * 5 MB (nodejs/node#59686), `node:fs` and `node:crypto` have such ones too. What is asked for by name loads only that.
 */
function lazyImport(names, module) {
  const [, whole, named] = /^(?:(?:\* as )?([\w$]+))?(?:, )?(?:\{(.+)\})?$/.exec(names);
  const isLate = LATE.includes(module);
  const lines = [];
  if (whole) lines.push(`const ${whole} = ${isLate ? lateModule(module) : loaded(module)};`);
  if (named && !isLate) lines.push(`const {${named.replaceAll(' as ', ': ')}} = ${loaded(module)};`);
  if (named && isLate) {
    for (const [, key, name = key] of named.matchAll(/([\w$]+)(?: as ([\w$]+))?/g)) {
      lines.push(`const ${name} = ${lateFunction(module, key)};`);
    }
  }
  return lines.join('\n');
}

function loaded(module) {
  return `process.getBuiltinModule("${module}")`;
}

function lateModule(module) {
  return `new Proxy({}, { get: (_, key) => ${loaded(module)}[key] })`;
}

/** Its members are those of the function too: `promisify` asks for one. */
function lateFunction(module, name) {
  const it = name === undefined ? loaded(module) : `${loaded(module)}.${name}`;
  return `new Proxy(() => {}, { apply: (_, self, args) => ${it}(...args), get: (_, member) => ${it}[member] })`;
}

// By its own rules the package looks for its binary beside itself, and finds none from within a bundle.
const NATIVE = `
const host = process.platform + '-' + process.arch;
try {
  module.exports = require('fs-native-extensions/prebuilds/' + host + '/fs-native-extensions.node');
} catch {
  module.exports = require('fs-native-extensions/binding.js');
}`;
