/** The setting `meters.projects`. */
export type ProjectNaming = 'name' | 'path' | 'off';

/** What is kept of a tool's working folder: its last segment, all of it, or nothing. */
export function projectOf(folder: string | undefined, naming: ProjectNaming): string | undefined {
  if (naming === 'off' || !folder) return undefined;
  if (naming === 'path') return folder;
  // A tool of Windows names its folders by backslashes, whichever system reads its files.
  const separator = /^[A-Za-z]:[\\/]|^\\\\/.test(folder) ? /[\\/]+/ : /\/+/;
  return folder.split(separator).findLast((segment) => segment !== '');
}
