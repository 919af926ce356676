import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../../support/folders.ts';

/** A home folder in which tools are used, and the environment that leads there. */
export class ToolHomes {
  readonly home = temporaryFolder();
  readonly #claude = join(this.home, '.claude', 'projects', '-home-me-atlas');
  readonly #codex = join(this.home, '.codex', 'sessions', '2026', '03', '01');
  #lines = 0;

  get env(): Record<string, string> {
    const none = { CLAUDE_CONFIG_DIR: '', CODEX_HOME: '', XDG_CONFIG_HOME: '', XDG_DATA_HOME: '', APPDATA: '' };
    return { ...none, HOME: this.home, USERPROFILE: this.home, TOKEN_SYNC_METERS_SOURCES: 'auto' };
  }

  /** One answer of Claude Code that used so many tokens of output, said with `text`. */
  claude(output: number, text = 'Done.', session = 'a-session'): void {
    this.#lines += 1;
    mkdirSync(this.#claude, { recursive: true });
    const usage = {
      input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
      output_tokens: output,
    };
    append(join(this.#claude, `${session}.jsonl`), {
      ...{ type: 'assistant', sessionId: session, cwd: '/home/me/atlas', timestamp: new Date().toISOString() },
      message: {
        ...{ id: `msg_${this.#lines}`, model: 'claude-opus-4-6', role: 'assistant', usage },
        content: [{ type: 'text', text }],
      },
    });
  }

  /** One request of Codex that used so many tokens of output in a session, of which `all` were used by then. */
  codex(output: number, all: number, session = '0199-aaaa'): void {
    mkdirSync(this.#codex, { recursive: true });
    const path = join(this.#codex, `rollout-2026-03-01T10-00-00-${session}.jsonl`);
    if (output === all) append(path, { type: 'session_meta', payload: { id: session, cwd: '/home/me/borealis' } });
    const of = (tokens: number) => ({
      input_tokens: 0,
      cached_input_tokens: 0,
      output_tokens: tokens,
      total_tokens: tokens,
    });
    append(path, {
      ...{ type: 'event_msg', timestamp: new Date().toISOString() },
      payload: {
        type: 'token_count',
        info: { last_token_usage: of(output), total_token_usage: of(all), model_context_window: 272_000 },
        rate_limits: {
          primary: { used_percent: 12.5, window_minutes: 300, resets_at: Math.floor(Date.now() / 1_000) + 3_600 },
        },
      },
    });
  }
}

function append(path: string, line: unknown): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}
