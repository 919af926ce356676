import { afterAll, beforeAll } from 'vitest';
import { has, needs } from './needs.ts';
import { spawn } from './programs.ts';
import { until } from './until.ts';

/** A notification on the desktop, as the session bus carried it. */
export interface ShownNotice {
  readonly app: string;
  readonly title: string;
  readonly body: string;
  /** 0 low, 1 normal, 2 critical. */
  readonly urgency: number;
}

/** A session bus of a test's own, with a notification service that shows nothing and tells everything. */
export interface SessionBus {
  /** As in `DBUS_SESSION_BUS_ADDRESS`. */
  readonly address: string;
  readonly shown: ShownNotice[];
}

/** The part of the desktop notifications specification 1.2 that `notify-send` asks for. */
const SERVICE = `
import dbus, dbus.service, dbus.mainloop.glib, json, os
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
NAME = 'org.freedesktop.Notifications'
class Service(dbus.service.Object):
    @dbus.service.method(NAME, in_signature='susssasa{sv}i', out_signature='u')
    def Notify(self, app, replaces, icon, title, body, actions, hints, timeout):
        print(json.dumps(dict(app=app, title=title, body=body, urgency=int(hints.get('urgency', 1)))), flush=True)
        return 1
    @dbus.service.method(NAME, out_signature='as')
    def GetCapabilities(self): return ['body']
    @dbus.service.method(NAME, out_signature='ssss')
    def GetServerInformation(self): return ('test', 'test', '1', '1.2')
bus = dbus.SessionBus()
name = dbus.service.BusName(NAME, bus)
service = Service(bus, '/org/freedesktop/Notifications')
print(json.dumps(os.environ['DBUS_SESSION_BUS_ADDRESS']), flush=True)
GLib.MainLoop().run()
`;

const TOOLS = ['dbus-run-session', 'python3:dbus', 'python3:gi', 'notify-send'] as const;

/** One session bus for all the tests of a file or a `describe`; those that ask for it are skipped where there is none. */
export function useSessionBus(): () => SessionBus {
  const shown: ShownNotice[] = [];
  let address = '';
  let end: () => void = () => undefined;
  beforeAll(async () => {
    if (!TOOLS.every(has)) return;
    const bus = spawn('dbus-run-session', ['--', needs('python3:dbus'), '-c', SERVICE], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    end = () => void process.kill(-bus.pid!, 'SIGTERM');
    let told = '';
    bus.stdout.setEncoding('utf8').on('data', (text) => {
      told += text;
      const lines = told.split('\n');
      told = lines.pop()!;
      for (const line of lines) {
        if (address === '') address = JSON.parse(line);
        else shown.push(JSON.parse(line));
      }
    });
    await until(() => address !== '', 'the session bus is up');
  });
  afterAll(() => end());

  return () => {
    needs(...TOOLS);
    return { address, shown };
  };
}
