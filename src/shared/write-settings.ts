type Fields = Record<string, unknown>;

/**
 * The text of `config.json` with one setting set; everything else stands as it is. Wherever the setting stood before, under
 * its older name too, it is taken out, so that one value is left. `text` holds a JSON object.
 */
export function withSetting(
  text: string,
  { key, older }: { readonly key: string; readonly older?: string },
  value: string,
): string {
  const content = JSON.parse(text.replace(/^\uFEFF/, '')) as Fields;
  const names = new Set([key, older]);
  const [group, name] = key.split('.') as [string, string];
  const rest = without(content, '', names);
  const members = rest[group];
  const settings = { ...rest, [group]: { ...(isFields(members) && members), [name]: value } };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

/** A group that held nothing else goes with it: an empty one would be read as a setting of that name. */
function without(fields: Fields, prefix: string, names: ReadonlySet<string | undefined>): Fields {
  const kept = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    const path = `${prefix}${name}`;
    if (names.has(path)) return [];
    if (!isFields(value)) return [[name, value]];
    const inner = without(value, `${path}.`, names);
    return Object.keys(inner).length === 0 ? [] : [[name, inner]];
  });
  return Object.fromEntries(kept);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
