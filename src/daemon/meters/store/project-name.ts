/** The setting `meters.projects`. */
export type ProjectNaming = 'name' | 'path' | 'off';

/** What is kept of a tool's working folder: its last segment, all of it, or nothing. */
export function projectOf(folder: string | undefined, naming: ProjectNaming): string | undefined {
  if (naming === 'off' || !folder) return undefined;
  if (naming === 'path') return folder;
  // A tool of Windows names its folders by backslashes, whichever system reads its files.
  const separators = /^[A-Za-z]:[\\/]|^\\\\/.test(folder) ? '\\/' : '/';
  const isSeparator = (at: number) => separators.includes(folder[at]!);
  let end = folder.length;
  while (end > 0 && isSeparator(end - 1)) end--;
  let start = end;
  while (start > 0 && !isSeparator(start - 1)) start--;
  return start < end ? folder.slice(start, end) : undefined;
}
