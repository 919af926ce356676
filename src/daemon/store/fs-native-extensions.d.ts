declare module 'fs-native-extensions' {
  /** Takes an exclusive kernel lock on an open file; false when another file descriptor holds it. */
  export function tryLock(fd: number, options?: { readonly shared?: boolean }): boolean;

  /** Exchanges two files in one step (`renameat2`, `renamex_np`); on Windows in several. */
  export function swapSync(from: string, to: string): void;
}
