import { t } from '../live/language.ts';
import { info } from '../live/state.ts';

/** The version, and the paths of the state file and the drop folder. */
export function Footer() {
  const daemon = info.value;
  return (
    <footer class="footer">
      {daemon && (
        <dl>
          <div>
            <dt>{t(VERSION)}</dt>
            <dd>{daemon.version}</dd>
          </div>
          <div>
            <dt>{t(STATE_FILE)}</dt>
            <dd>{daemon.state_file}</dd>
          </div>
          <div>
            <dt>{t(DROP_FOLDER)}</dt>
            <dd>{daemon.drop_dir}</dd>
          </div>
        </dl>
      )}
    </footer>
  );
}

const VERSION = { zh: '版本', en: 'Version' };
const STATE_FILE = { zh: '状态文件', en: 'State file' };
const DROP_FOLDER = { zh: '投递文件夹（drop）', en: 'Drop folder' };
