import { computed, effect, signal } from '@preact/signals';
import { remember, remembered } from '../live/memory.ts';

export type Theme = 'system' | 'light' | 'dark';

/** Where the choice is kept. */
const KEY = 'token-sync.theme';

const SYSTEM_DARK = '(prefers-color-scheme: dark)';

/** The person’s choice. */
export const theme = signal<Theme>(chosen());

/** The theme that is shown: the chosen one, or the system’s. */
export const scheme = computed<'light' | 'dark'>(() => {
  if (theme.value !== 'system') return theme.value;
  return isSystemDark.value ? 'dark' : 'light';
});

/** Changes to the next of the three, and remembers it. */
export function switchTheme(): void {
  theme.value = NEXT[theme.value];
  remember(KEY, theme.value === 'system' ? undefined : theme.value);
}

/** Shows the theme, from now on. */
export function applyTheme(): void {
  const system = matchMedia(SYSTEM_DARK);
  isSystemDark.value = system.matches;
  system.addEventListener('change', () => {
    isSystemDark.value = system.matches;
  });
  effect(() => {
    document.documentElement.dataset.theme = scheme.value;
  });
}

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

const isSystemDark = signal(false);

function chosen(): Theme {
  const word = remembered(KEY);
  return word === 'light' || word === 'dark' ? word : 'system';
}
