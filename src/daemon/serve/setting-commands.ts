import type { Params } from '../../protocol/methods.ts';
import type { LiveSettings } from '../settings/live-settings.ts';

interface SettingServices {
  readonly settings: LiveSettings;
}

/** The methods of settings. */
export const SETTING_COMMANDS = {
  'settings.get': getSettings,
  'settings.set': setSettings,
};

function getSettings({ settings }: SettingServices) {
  return settings.get();
}

function setSettings({ settings }: SettingServices, params: Params<'settings.set'>) {
  return settings.set(params.settings);
}
