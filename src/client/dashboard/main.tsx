import './tokens.css';
import './base.css';
import { render } from 'preact';
import { watchAlerts } from './alerts.ts';
import { App, loadHistory } from './app.tsx';
import { begin, type FirstState, follow } from './feed.ts';
import { startHeartbeat } from './heartbeat.ts';
import { announceLanguage } from './language.ts';
import { listenForKeys } from './shortcuts.ts';
import { listenForPaste } from './sync/paste.ts';
import { applyTheme } from './theme.ts';
import { keepTitle } from './title.ts';
import { liveUnderTranslation } from './translation.ts';

// A code that was not needed, because the browser had been let in before.
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
