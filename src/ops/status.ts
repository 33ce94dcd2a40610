/** What runs, how fresh it is and how far behind: a pure report over what the store and the components' ports answered. */
import { COMPONENT_NAMES, COMPONENTS } from '../contract/components.ts';
import { parseDecimal } from '../contract/decimal.ts';
import { parseMoment } from '../contract/moment.ts';
import { entries } from './doctor-table.ts';
import type { Settings } from '../core/settings.ts';
import type { HashAnswer, StoreFacts } from '../store/store.ts';
import type {
  ComponentReading,
  ComponentRecord,
  InputLag,
  ReportedComponent,
  StreamPace,
} from './status-collect.ts';
import type { HealthAnswer } from './status-health.ts';
import type { TradingReading } from './governor/trading-collect.ts';

/** `absent`: neither the store nor its port knows of it. */
export type RunState = 'running' | 'standby' | 'stopped' | 'absent';

/** What `ballast status --json` prints. Times are Unix seconds, ages seconds; null: not known. */
export interface Status {
  /** The store's clock; this machine's where no store was read. */
  readonly now: number;
  /** Null: nobody could be asked. */
  readonly trading: TradingReading | null;
  /** Why it is not known; null: it is, or there is nobody to ask. */
  readonly trading_error: string | null;
  /** How many components run. */
  readonly running: number;
  readonly components: readonly ComponentStatus[];
  /** What everything depends on and another program writes: empty where there is none of it. */
  readonly inputs: readonly InputFreshness[];
  readonly streams: readonly StreamStatus[];
  readonly store: StoreStatus | null;
  /** Why the store was not read; null: it was. */
  readonly store_error: string | null;
  /** Addresses of the ports that answered. */
  readonly answered: readonly string[];
}

export interface ComponentStatus {
  readonly component: ReportedComponent;
  /** `P2.8` */
  readonly id: string | null;
  readonly state: RunState;
  /** The process that holds it. */
  readonly owner: string | null;
  readonly epoch: number | null;
  readonly mode: string | null;
  readonly mode_why: string | null;
  readonly last_tick: number | null;
  readonly tick_age_sec: number | null;
  /** Between two ticks, as the settings here say. */
  readonly interval_sec: number | null;
  readonly symbols: number | null;
  /** Age of the oldest entry it has not read, over all its inputs; 0: it has read everything. */
  readonly lag_sec: number | null;
  readonly streams: readonly {
    readonly input: string;
    readonly waiting: number;
    readonly oldest_waiting_sec: number | null;
  }[];
  /** Its version, as its port says. */
  readonly version: string | null;
  /** What is stale or amiss, a sentence each. */
  readonly degraded: readonly string[];
}

export interface InputFreshness {
  /** `state:portfolio` */
  readonly input: string;
  readonly age_sec: number;
  readonly limit_sec: number;
  readonly stale: boolean;
}

export interface StreamStatus {
  readonly input: string;
  readonly entries: number;
  readonly newest_age_sec: number;
  /** Entries of the last minute; at 2000 counting ends. */
  readonly per_minute: number;
}

export interface StoreStatus {
  readonly kind: 'redis' | 'memory';
  readonly version: string;
  readonly where: string;
  readonly persistence: string;
  /** Of the store's process; null where that is this one. */
  readonly memory_bytes: number | null;
}

export interface StatusSources {
  readonly settings: Settings;
  /** This machine's clock. */
  readonly nowMs: number;
  /** Null: no store was read. */
  readonly stored: {
    readonly facts: StoreFacts;
    readonly reading: ComponentReading;
    readonly portfolio: HashAnswer;
    readonly paces: readonly StreamPace[];
  } | null;
  readonly storeError: string | null;
  /** From the store, or from the process that has it to itself. */
  readonly trading: TradingReading | null;
  readonly tradingError: string | null;
  readonly health: readonly HealthAnswer[];
}

/** A component that has not ticked for so many of its intervals is said to be late, but not within the first seconds. */
const LATE_TICKS = 3;
const LATE_SEC = 10;
const LAGGING_SEC = 10;

export function statusOf(sources: StatusSources): Status {
  const { stored, health } = sources;
  const nowMs = stored?.reading.nowMs ?? sources.nowMs;
  const inputs = freshnessOf(sources, nowMs);
  const components = COMPONENT_NAMES.filter((name) => name !== 'dashboard')
    .map((name) => {
      const record = stored?.reading.components.find((one) => one.name === name) ?? null;
      const answer = health.find(({ component }) => component === name) ?? null;
      return componentStatus(name, record, answer, inputs, sources.settings, nowMs);
    })
    // It has no part in the tick: said only where there is something to say.
    .filter(({ component, state }) => component !== 'governor' || state !== 'absent');
  return {
    now: nowMs / 1000,
    trading: sources.trading,
    trading_error: sources.tradingError,
    running: components.filter(({ state }) => state === 'running').length,
    components,
    inputs,
    streams: (stored?.paces ?? []).map(({ input, length, newestMs, perMinute }) => ({
      input,
      entries: length,
      newest_age_sec: Math.max(0, (nowMs - newestMs) / 1000),
      per_minute: perMinute,
    })),
    store: stored === null ? null : storeStatus(stored.facts),
    store_error: sources.storeError,
    answered: health.map(({ url }) => url),
  };
}

function componentStatus(
  name: ReportedComponent,
  record: ComponentRecord | null,
  health: HealthAnswer | null,
  inputs: readonly InputFreshness[],
  settings: Settings,
  nowMs: number,
): ComponentStatus {
  const { id, tickSetting } = COMPONENTS[name];
  const meta = record?.meta ?? null;
  const state = stateOf(record, health);
  const intervalSec = tickSetting === null ? null : settings[tickSetting];
  // What was committed is at most a tick old; the port also answers for a process whose store nobody else can read.
  const lastTick = Math.max(parseDecimal(meta?.get('tick')) ?? 0, health?.lastTick ?? 0);
  const tickAgeSec = lastTick === 0 ? null : Math.max(0, nowMs / 1000 - lastTick);
  const streams = (record?.inputs ?? []).map(({ input, waiting, oldestWaitingMs }) => ({
    input,
    waiting,
    oldest_waiting_sec: oldestWaitingMs === null ? null : Math.max(0, (nowMs - oldestWaitingMs) / 1000),
  }));
  const lags = streams.map(({ oldest_waiting_sec: ageSec }) => ageSec ?? 0);
  const isLate =
    state === 'running' &&
    intervalSec !== null &&
    tickAgeSec !== null &&
    tickAgeSec > Math.max(LATE_SEC, LATE_TICKS * intervalSec);
  return {
    component: name,
    id,
    state,
    owner: record?.owner ?? null,
    epoch: record?.epoch ?? health?.epoch ?? null,
    mode: meta?.get('mode') ?? health?.mode ?? null,
    mode_why: meta?.get('mode_why') ?? health?.modeWhy ?? null,
    last_tick: lastTick === 0 ? null : lastTick,
    tick_age_sec: tickAgeSec,
    interval_sec: intervalSec,
    symbols: parseDecimal(meta?.get('symbols')) ?? health?.symbols ?? null,
    lag_sec: lags.length > 0 ? Math.max(...lags) : (health?.lagSec ?? null),
    streams,
    version: health?.version ?? null,
    degraded: [
      ...(isLate ? [`last tick ${seconds(tickAgeSec)} ago, due every ${intervalSec} s`] : []),
      ...(record?.inputs ?? []).flatMap((lag) => troubles(lag, nowMs)),
      ...(typeof record?.trouble === 'string' ? [`what it committed cannot be read: ${record.trouble}`] : []),
      ...(state === 'running' ? staleInputs(name, inputs) : []),
      ...healthTroubles(health),
    ],
  };
}

function stateOf(record: ComponentRecord | null, health: HealthAnswer | null): RunState {
  if (record?.isHeld === true) return 'running';
  if (health !== null) return health.status === 'standby' ? 'standby' : 'running';
  return record !== null && (record.epoch !== null || record.meta !== null) ? 'stopped' : 'absent';
}

function troubles({ input, waiting, oldestWaitingMs, gap, error }: InputLag, nowMs: number): string[] {
  const ageSec = oldestWaitingMs === null ? 0 : (nowMs - oldestWaitingMs) / 1000;
  return [
    ...(error === null ? [] : [`${input} cannot be read: ${error}`]),
    ...(gap?.kind === 'trimmed' ? [`${entries(gap.lost)} of ${input} went before it read them`] : []),
    ...(gap?.kind === 'recreated' ? [`${input} was deleted and made anew since it read it`] : []),
    ...(ageSec > LAGGING_SEC
      ? [`it has ${entries(waiting)} of ${input} to read, the oldest for ${seconds(ageSec)}`]
      : []),
  ];
}

/** Which components an input that grew old concerns. */
const READERS: ReadonlyMap<string, readonly ReportedComponent[]> = new Map([
  ['state:portfolio', ['budget', 'allocation']],
  ['stream:regime.state', ['allocation']],
]);

function staleInputs(name: ReportedComponent, inputs: readonly InputFreshness[]): string[] {
  return inputs
    .filter(({ input, stale }) => stale && READERS.get(input)?.includes(name) === true)
    .map(({ input, age_sec, limit_sec }) => `${input} is ${seconds(age_sec)} old, limit ${limit_sec} s`);
}

function healthTroubles(health: HealthAnswer | null): string[] {
  if (health === null) return [];
  const isWell = ['ok', 'standby', 'degraded'].includes(health.status);
  const isVague = health.status === 'degraded' && health.degraded.length === 0;
  return [
    ...(isWell && !isVague ? [] : [`its port says ${health.status}`]),
    ...(health.redis === 'disconnected' ? ['its port says that Redis does not answer it'] : []),
    ...health.degraded,
  ];
}

function freshnessOf({ stored, settings }: StatusSources, nowMs: number): InputFreshness[] {
  if (stored === null) return [];
  const limitSec = settings.STALE_DATA_SEC;
  const regimeMs = stored.paces.find(({ input }) => input === 'regime.state')?.newestMs;
  const times: (readonly [string, number | null])[] = [
    ['state:portfolio', parseMoment(stored.portfolio?.get('timestamp'))],
    ['stream:regime.state', regimeMs === undefined ? null : regimeMs / 1000],
  ];
  return times.flatMap(([input, ts]) => {
    if (ts === null) return [];
    const ageSec = Math.max(0, nowMs / 1000 - ts);
    return [{ input, age_sec: ageSec, limit_sec: limitSec, stale: ageSec > limitSec }];
  });
}

function storeStatus({ kind, version, where, details }: StoreFacts): StoreStatus {
  const appendonly = details.get('appendonly');
  const persistence =
    kind === 'memory'
      ? (details.get('durability') ?? 'none')
      : appendonly === undefined
        ? 'not known to this user'
        : appendonly === 'yes'
          ? `appendonly yes, appendfsync ${details.get('appendfsync') ?? 'unknown'}`
          : 'appendonly no';
  return { kind, version, where, persistence, memory_bytes: parseDecimal(details.get('used_memory')) };
}

/** `12 s`, `5 min`, `3.2 h`, `4.0 d`. */
export function seconds(sec: number): string {
  if (sec < 120) return `${sec < 10 ? sec.toFixed(1) : Math.round(sec)} s`;
  if (sec < 7200) return `${Math.round(sec / 60)} min`;
  return sec < 172_800 ? `${(sec / 3600).toFixed(1)} h` : `${(sec / 86_400).toFixed(1)} d`;
}
