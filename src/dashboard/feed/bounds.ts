/**
 * How much the feed holds and reads, all in one place. Its memory is bounded by these whatever the store holds: reckoned from them,
 * history is at most 41 MB (82 MB with more than 10,000 symbols), verdicts and events 20 MB, executions 15 MB, patches 16 MB.
 */

/** Symbols with a row; further ones are not shown. */
export const MAX_SYMBOLS = 20_000;

/** Executions of which profit and attribution are told; of one symbol so many points are drawn. */
export const MAX_EXECUTIONS = 20_000;
export const PROFIT_POINTS = 2000;
export const SPARK_POINTS = 32;

/** Points of each other series of a symbol, while all symbols together have no more than `ALL_HISTORY_POINTS` each. */
export const HISTORY_POINTS = 720;
export const ALL_HISTORY_POINTS = 240_000;
export const MIN_HISTORY_POINTS = 24;

/** Verdicts and events that can be asked for; a snapshot and a patch hold no more than the newest 200 (views/apply-patch.ts). */
export const KEPT_VERDICTS = 2000;
export const KEPT_EVENTS = 2000;

/** Of an event, as it was written. */
export const MAX_EVENT_FIELDS = 40;
export const MAX_TEXT_LENGTH = 1000;
export const MAX_GATES = 40;

/** Cash flows and regimes looked back at when the feed begins. */
export const MAX_LOOKED_BACK = 2000;
export const MAX_CASHFLOWS = 2000;

/** Permits that may still be taken: past so many their number is not told; so many are looked for in the store. */
export const MAX_OUTSTANDING = 20_000;
export const CHECKED_OUTSTANDING = 200;

/** Patches kept for a page that lost its connection. */
export const KEPT_PATCHES = 300;
export const KEPT_PATCH_BYTES = 8_000_000;

/** Entries of a stream read at once, how often in one round and for how long; the rest is read in the next. */
export const PAGE_ENTRIES = 500;
export const PAGES_A_ROUND = 20;
/** In the first round, so that it begins with all there is. */
export const FIRST_PAGES = 100;
export const READING_MS = 400;

/** Entries that were lost are said so often. */
export const LOST_EVERY_MS = 60_000;

/** Symbols whose hashes are read at once; every symbol is read within about `SWEEP_MS`, of a great many only so many a second. */
export const SYMBOLS_A_STEP = 25;
export const SWEEP_MS = 4000;
export const SYMBOLS_A_SECOND = 400;
/** So few are read in every round. */
export const FEW_SYMBOLS = 50;
