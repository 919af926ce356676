import module from 'node:module';
import { join } from 'node:path';

// What is started in dist/: the program in `main.ts`. What V8 made of it is kept beside it for the next start, which is
// 12 ms shorter then; not in the folder for temporary files, where others could put code for us to run. A Node that is
// too old for it is refused by the program itself.
module.enableCompileCache?.(join(import.meta.dirname, '.compiled'));
await import('./main.ts');
