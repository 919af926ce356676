import * as z from 'zod/mini';
import * as field from './fields.ts';

const bilingual = z.strictObject({ zh: z.string(), en: z.string() });

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))]);

/** A setting, and how it stands. */
export const toldSetting = z.strictObject({
  name: z.string(),
  value: value.check(
    field.describe(
      'As it is written into `config.json`, and holds now or after the next start; `null` where nobody has named one. Of `alerts.command` only whether it is set.',
    ),
  ),
  default: value.check(field.describe('The value that would hold if nobody had named one.')),
  origin: z
    .enum(['default', 'file', 'environment', 'flag'])
    .check(field.describe('Where the value was named; the environment and flags go before the file.')),
  about: bilingual.check(field.describe('What it is for.')),
  wanted: bilingual.check(field.describe('The values that are valid.')),
  at_once: z.boolean().check(field.describe('True where a value that is set takes effect without a restart.')),
  running: z.optional(
    value.check(
      field.describe('There where the daemon still runs by another value: this one, until it is started anew.'),
    ),
  ),
});

export const settings = z.strictObject({ settings: z.array(toldSetting) });

export const settingsChange = z.strictObject({
  settings: z
    .record(z.string(), z.unknown())
    .check(
      field.describe(
        'Values by the names of their settings, in any form that `config.json` or the environment takes; `null` takes one out of the file, so that its default holds.',
      ),
    ),
});

export const settingsChanged = z.strictObject({
  settings: z.array(toldSetting).check(field.describe('Those that were named.')),
  restart_needed: z.array(z.string()).check(field.describe('Those of them that hold after a restart only.')),
});
