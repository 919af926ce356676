// What a start of a bundled program would load without using it, replaced while bundling. Each saves milliseconds and megabytes.

/** What our sources use of `node:http` at run time. */
const HTTP_EXPORTS = ['createServer'];

/** Built-in modules that ws needs as a client only, which our programs for Node are not. */
const LAZY_IN_WS = ['https', 'tls', 'http'];

/** For rolldown. */
export const leanModules = {
  name: 'lean-modules',
  resolveId: {
    order: 'pre',
    handler(id, importer) {
      if (id === 'node:http') return '\0lean:http';
      if (LAZY_IN_WS.includes(id) && /[\\/]ws[\\/]lib[\\/]/.test(importer ?? '')) return `\0lean:lazy-${id}`;
      if (id === './binding' && /[\\/]fs-native-extensions[\\/]/.test(importer ?? '')) return '\0lean:native';
      return undefined;
    },
  },
  load(id) {
    if (id === '\0lean:http') return HTTP;
    if (id === '\0lean:native') return { code: NATIVE, moduleType: 'js' };
    const [, lazy] = /^\0lean:lazy-(\w+)$/.exec(id) ?? [];
    return lazy === undefined ? undefined : { code: lazyModule(lazy), moduleType: 'js' };
  },
};

// An import of a built-in module evaluates every export; one of these loads all of fetch: 20 ms, and 5 MB (nodejs/node#59686).
const HTTP = `export const { ${HTTP_EXPORTS.join(', ')} } = process.getBuiltinModule('node:http');`;

function lazyModule(name) {
  return `module.exports = new Proxy({}, { get: (_, key) => process.getBuiltinModule('node:${name}')[key] });`;
}

// The package looks for its binary by rules for every runtime there is, for 6 ms.
const NATIVE = `
const host = process.platform + '-' + process.arch;
try {
  module.exports = require('fs-native-extensions/prebuilds/' + host + '/fs-native-extensions.node');
} catch {
  module.exports = require('fs-native-extensions/binding.js');
}`;
