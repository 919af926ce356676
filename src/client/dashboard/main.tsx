import './page/tokens.css';
import './page/base.css';
import { render } from 'preact';
import { begin, type FirstState, follow } from './live/feed.ts';
import { startHeartbeat } from './live/heartbeat.ts';
import { announceLanguage } from './live/language.ts';
import { watchAlerts } from './notices/alerts.ts';
import { App, loadHistory } from './page/app.tsx';
import { listenForKeys } from './page/shortcuts.ts';
import { applyTheme } from './page/theme.ts';
import { keepTitle } from './page/title.ts';
import { listenForPaste } from './sync/paste.ts';
import { liveUnderTranslation } from './translation.ts';

// A one-time code that was not needed, because the browser was signed in already.
if (location.hash) history.replaceState(null, '', location.pathname);

const first = document.getElementById('state')?.textContent;
if (first) begin(JSON.parse(first) as FirstState);
applyTheme();
announceLanguage();
keepTitle();
watchAlerts();
const app = document.getElementById('app')!;
liveUnderTranslation(app);
render(<App />, app);
void loadHistory();
startHeartbeat();
listenForPaste();
listenForKeys();
void follow();
