import type { Desktop } from '../../process/config.ts';
import type { ClipboardChanges } from './clipboard-changes.ts';
import { openHelperChanges } from './clipboard-helper.ts';
import { openX11Changes } from './x11-selection.ts';

/** Opens the cheapest way of this desktop to hear of changes; rejects when there is none. `onChange` is called for each one after that. */
export async function openClipboardChanges(desktop: Desktop, onChange: () => void): Promise<ClipboardChanges> {
  const { platform, display, waylandDisplay, authorityFile } = desktop;
  if (platform === 'win32' || platform === 'darwin') return await openHelperChanges(platform, onChange);
  if (waylandDisplay) {
    try {
      return await openHelperChanges('wayland', onChange);
    } catch (error) {
      // Some compositors, as that of GNOME, tell nobody, but hand every copy on to their X server.
      if (!display) throw error;
    }
  }
  if (!display) throw new Error('there is no display');
  return await openX11Changes({ name: display, authorityFile }, onChange);
}
