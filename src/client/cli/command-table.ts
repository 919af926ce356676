import type { CommandTable } from './command.ts';

/** Every command, loaded when it is called: the start of one must not wait for the code of the others. */
export const COMMANDS: CommandTable = {
  quick: async () => (await import('./commands/quick.ts')).quick,
  record: async () => (await import('./commands/record.ts')).record,
  status: async () => (await import('./commands/status.ts')).status,
  estimate: async () => (await import('./commands/estimate.ts')).estimate,
  import: async () => (await import('./commands/import.ts')).importFile,
  export: async () => (await import('./commands/export.ts')).exportHistory,
  history: async () => (await import('./commands/history.ts')).history,
  undo: async () => (await import('./commands/undo.ts')).undo,
  correct: async () => (await import('./commands/correct.ts')).correct,
  restore: async () => (await import('./commands/restore.ts')).restore,
  budget: async () => (await import('./commands/budget.ts')).budget,
  check: async () => (await import('./commands/check.ts')).check,
  watch: async () => (await import('./commands/watch.ts')).watch,
  meters: async () => (await import('./commands/meters.ts')).meters,
  open: async () => (await import('./commands/daemon/open.ts')).open,
  start: async () => (await import('./commands/daemon/start.ts')).start,
  stop: async () => (await import('./commands/daemon/stop.ts')).stop,
  restart: async () => (await import('./commands/daemon/restart.ts')).restart,
  daemon: async () => (await import('./commands/daemon/daemon.ts')).daemon,
  settings: async () => (await import('./commands/daemon/settings.ts')).settings,
  doctor: async () => (await import('./commands/daemon/doctor.ts')).doctor,
  service: async () => (await import('./commands/daemon/service.ts')).service,
  help: async () => (await import('./commands/help.ts')).helpOn(COMMANDS),
};
