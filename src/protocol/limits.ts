/** The largest figure: every JSON reader holds it exactly. */
export const MAX_TOKENS = Number.MAX_SAFE_INTEGER;

/** The longest event text, in Unicode code points. */
export const MAX_EVENT_LENGTH = 1_000;

/** The longest conversation id, in Unicode code points. */
export const MAX_CONVERSATION_LENGTH = 256;

/** The longest reading id, in Unicode code points. */
export const MAX_ID_LENGTH = 128;

/** A page of history holds at most this many sessions. */
export const MAX_PAGE = 1_000;

/** The longest search before the answer says how far it came. */
export const MAX_PATIENCE_MS = 10_000;

/** An answer holds at most this many of the latest changes. */
export const MAX_CHANGES = 200;

/** A series holds at most this many points. */
export const MAX_POINTS = 2_000;

/** An import holds at most this many sessions in one call. */
export const MAX_IMPORT = 100_000;
