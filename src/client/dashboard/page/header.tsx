import './header.css';
import { openUndo } from '../dialogs/undo-dialog.tsx';
import { language, switchLanguage, t } from '../live/language.ts';
import { sessions } from '../live/state.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { switchTheme, theme } from './theme.ts';

/** The name of the page, its connection, and its settings. */
export function Header() {
  return (
    <header class="header">
      <h1 class="brand">
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
          <path class="brand-track" d="M5 22a11 11 0 0 1 22 0" />
          <path class="brand-arc" d="M5 22a11 11 0 0 1 6.7-10.1" />
          <circle cx="16" cy="22" r="3" />
        </svg>
        token-sync
      </h1>
      <ConnectionBadge />
      <div class="header-tools">
        <button
          type="button"
          class="button quiet"
          data-testid="undo"
          aria-keyshortcuts="u"
          disabled={sessions.value.length === 0}
          onClick={openUndo}
        >
          <span aria-hidden="true">↩</span>
          <span>{t(UNDO)}</span>
        </button>
        <button
          type="button"
          class="button quiet"
          data-testid="theme"
          title={t(THEME_HINT)}
          aria-label={`${t(THEME)}: ${t(THEMES[theme.value])}`}
          onClick={switchTheme}
        >
          <span aria-hidden="true">{MARKS[theme.value]}</span>
          <span class="wide-only">{t(THEMES[theme.value])}</span>
        </button>
        <button type="button" class="button quiet" data-testid="language" onClick={switchLanguage}>
          {language.value === 'zh' ? (
            <span lang="en">
              <span class="wide-only">English</span>
              <span class="narrow-only">EN</span>
            </span>
          ) : (
            <span lang="zh-CN">中文</span>
          )}
        </button>
      </div>
    </header>
  );
}

const UNDO = { zh: '撤销', en: 'Undo' };
const THEME = { zh: '外观', en: 'Theme' };
const THEME_HINT = { zh: '切换外观：跟随系统、浅色、深色', en: 'Theme: as the system, light, dark' };
const THEMES = {
  system: { zh: '跟随系统', en: 'System' },
  light: { zh: '浅色', en: 'Light' },
  dark: { zh: '深色', en: 'Dark' },
};
const MARKS = { system: '◐', light: '☀', dark: '☾' };
