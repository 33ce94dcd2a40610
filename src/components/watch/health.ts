/** What `/health` and `/ready` of one component say. */
import { COMPONENTS, type ComponentName } from '../../contract/components.ts';
import { VERSION } from '../../contract/version.ts';
import type { HealthStatus, Readiness } from '../../runtime/http/serve.ts';
import type { Holding } from './holding.ts';
import type { Trouble } from './store-trouble.ts';

/** As `/health` answers it; `starting`: it has not come to the present yet. */
export type ComponentHealth = Readonly<{
  status: HealthStatus | 'starting';
  service: string;
  /** The id operators know. */
  id: string | null;
  mode: string | null;
  mode_why: string | null;
  version: string;
  /** `connected`, `disconnected` or `embedded`. */
  redis: string;
  /** Where the store is. */
  store: string;
  last_tick: number | null;
  lag: number | null;
  lag_by_stream: Readonly<Record<string, number>>;
  epoch: number | null;
  /** Who holds it where this copy stands by. */
  owner: string | null;
  symbols: number | null;
  /** Entries since the process began. */
  applied: number;
  duplicates: number;
  rejected: Readonly<Record<string, number>>;
  future_ts: number;
  /** What is missing or went wrong, each as a sentence. */
  degraded: readonly string[];
  archive: { readonly state: string; readonly lines_lost: number } | null;
}>;

/** What is counted and known of a component. */
interface Watched {
  readonly name: ComponentName;
  /** Null: it does not run here at present. */
  readonly member: { readonly mode: { readonly mode: string; readonly why: string } } | null;
  /** Unix seconds; 0: none yet. */
  readonly lastTick: number;
  readonly applied: number;
  readonly duplicates: number;
  readonly futureTimes: number;
  readonly rejected: ReadonlyMap<string, number>;
}

export interface HealthFacts {
  readonly watch: Watched;
  readonly holding: Holding;
  /** `connected`, `disconnected` or `embedded`. */
  readonly redis: string;
  readonly storeWhere: string;
  readonly trouble: Trouble | null;
  readonly nowMs: number;
  /** Seconds since the runner came round last; null: it never did since it began. */
  readonly sinceRoundSec: number | null;
  readonly isCaughtUp: boolean;
  /** Whether it ever was, since the process began. */
  readonly wasCaughtUp: boolean;
  /** Whether others of this process have to come to the same place in time first. */
  readonly isPartial: boolean;
  readonly lagSec: ReadonlyMap<string, number>;
  readonly symbols: number | null;
  readonly degraded: readonly string[];
  readonly archive: { readonly state: string; readonly linesLost: number } | null;
}

/** The store is given so long before it counts as away. */
const FAILING_AFTER_SEC = 10;
/** Without a round for so long, nothing is known of the present. */
const ROUND_EVERY_SEC = 5;

export function healthOf(facts: HealthFacts): ComponentHealth {
  const { watch, holding, lagSec, archive } = facts;
  const degraded = allDegraded(facts);
  const mode = watch.member?.mode ?? null;
  return {
    status: statusOf(facts, degraded),
    service: watch.name,
    id: COMPONENTS[watch.name].id,
    mode: mode?.mode ?? null,
    mode_why: mode?.why ?? null,
    version: VERSION,
    redis: facts.redis,
    store: facts.storeWhere,
    last_tick: watch.lastTick > 0 ? watch.lastTick : null,
    lag: facts.sinceRoundSec === null ? null : Math.max(0, ...lagSec.values()),
    lag_by_stream: Object.fromEntries(lagSec),
    epoch: holding.kind === 'held' ? holding.epoch : null,
    owner: holding.kind === 'other' ? holding.owner : null,
    symbols: facts.symbols,
    applied: watch.applied,
    duplicates: watch.duplicates,
    rejected: Object.fromEntries(watch.rejected),
    future_ts: watch.futureTimes,
    degraded,
    archive: archive === null ? null : { state: archive.state, lines_lost: archive.linesLost },
  };
}

export function readinessOf(facts: HealthFacts): Readiness {
  const why = whyNotReady(facts);
  return { ready: why === null, why };
}

/** How far behind inputs are, seconds: as of the last round; where there was none for long, entries may have waited ever since. */
export function lagsNow(
  inputs: Iterable<string>,
  lagSec: ReadonlyMap<string, number>,
  sinceRoundSec: number,
): ReadonlyMap<string, number> {
  const unseenSec = sinceRoundSec > ROUND_EVERY_SEC ? sinceRoundSec : 0;
  const lags = new Map<string, number>();
  for (const input of inputs) {
    const lag = lagSec.get(input);
    if (lag !== undefined) lags.set(input, lag + unseenSec);
  }
  return lags;
}

function whyNotReady(facts: HealthFacts): string | null {
  const { holding, sinceRoundSec } = facts;
  if (holding.kind === 'stopped') return 'it has stopped';
  if (holding.kind === 'other') return `it stands by: ${holding.owner} holds it`;
  if (holding.kind === 'unknown') return 'it has not had an answer from the store yet';
  if (facts.watch.member === null) return 'it waits for other components to come to its place in time';
  if (sinceRoundSec === null) return 'it has not read anything yet';
  if (sinceRoundSec > ROUND_EVERY_SEC) return `nothing was read for ${wholeSec(sinceRoundSec)} s`;
  if (facts.isPartial) return 'it is on its way to the place in time of other components';
  if (!facts.isCaughtUp) {
    const lag = Math.max(0, ...facts.lagSec.values());
    return lag > 0 ? `it is catching up: ${wholeSec(lag)} s behind` : 'it is catching up';
  }
  return null;
}

function statusOf(facts: HealthFacts, degraded: readonly string[]): ComponentHealth['status'] {
  const { holding, trouble, nowMs } = facts;
  if (holding.kind === 'stopped') return 'failing';
  if (trouble !== null && (nowMs - trouble.sinceMs) / 1000 > FAILING_AFTER_SEC) return 'failing';
  if (holding.kind === 'other') return 'standby';
  if (holding.kind === 'unknown' || !facts.wasCaughtUp) return 'starting';
  return degraded.length > 0 ? 'degraded' : 'ok';
}

function allDegraded({ trouble, nowMs, sinceRoundSec, archive, degraded }: HealthFacts): string[] {
  const sentences = [...degraded];
  if (trouble !== null) {
    const { operation, error, sinceMs } = trouble;
    const sec = wholeSec((nowMs - sinceMs) / 1000);
    sentences.unshift(`the store fails at ${operation} since ${sec} s (${error.kind}, ${error.code})`);
  } else if (sinceRoundSec !== null && sinceRoundSec > ROUND_EVERY_SEC)
    sentences.unshift(`nothing was read for ${wholeSec(sinceRoundSec)} s`);
  if (archive !== null && archive.linesLost > 0)
    sentences.push(`the archive lost ${archive.linesLost} lines (it is ${archive.state})`);
  else if (archive?.state === 'dropping') sentences.push('the archive drops lines: its queue is full');
  else if (archive?.state === 'waiting')
    sentences.push('the archive cannot be written at present; nothing is lost yet');
  return sentences;
}

function wholeSec(sec: number): number {
  return Math.round(sec);
}
