/** A healthy deployment in a store, for tests that break one thing of it at a time. */
import { defaultRuntimeSettings, type RuntimeSettings } from '../../src/contract/runtime-settings.ts';
import { defaultSettings } from '../../src/contract/settings.ts';
import { encodePositions, type Position } from '../../src/runtime/positions.ts';
import { DECLARATIONS, TICKING_COMPONENTS } from '../../src/components/declarations.ts';
import { KEYS } from '../../src/contract/keys.ts';
import { collectStored } from '../../src/ops/doctor-collect.ts';
import { diagnose, type Diagnosis } from '../../src/ops/doctor.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { Configured, Situation, Stored } from '../../src/ops/doctor-situation.ts';
import type { FlatFields, Store } from '../../src/store/store.ts';

export const NAMESPACE = 'quantum';
export const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const EXECUTIONS = 30;
const GAP_MS = 600_000;

/** What one test changes. */
export interface Change {
  /** Further hashes: key after the namespace → fields; null removes a field. */
  readonly hashes?: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  /** Further entries: key after the namespace → fields of each. */
  readonly entries?: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>;
  readonly settings?: Partial<Settings>;
  readonly given?: readonly string[];
  readonly runtime?: Partial<RuntimeSettings>;
  readonly aliases?: Readonly<Record<string, string>>;
  /** What is different in what was found. */
  readonly found?: (stored: Stored) => Partial<Stored>;
  readonly situation?: Partial<Situation>;
}

/** Puts a healthy deployment into an empty store: two symbols that trade, everything that is read beside, five components. */
export async function fill(store: Store, advance: (ms: number) => void, nowSec: () => number): Promise<void> {
  for (let i = 0; i < EXECUTIONS; i++) {
    for (const symbol of SYMBOLS)
      await store.append([
        {
          stream: `${NAMESPACE}:stream:execution.result`,
          fields: ['symbol', symbol, 'pnl', '1', 'cluster', 'MAJORS'],
          maxLength: null,
        },
      ]);
    advance(GAP_MS);
  }
  const time = String(nowSec());
  await store.append([
    {
      stream: `${NAMESPACE}:stream:regime.state`,
      fields: ['regime', 'TREND', 'confidence', '0.9', 'timestamp', time],
      maxLength: null,
    },
  ]);
  await put(store, 'state:portfolio', { equity_usd: '100000', drawdown: '0', timestamp: time });
  await put(store, 'cluster:stress:MAJORS', { stress: '0.1', timestamp: time });
  await put(store, 'config:symbol.cluster', { BTCUSDT: 'MAJORS', ETHUSDT: 'MAJORS' });
  for (const symbol of SYMBOLS) {
    await put(store, `state:market:${symbol}`, { mark_price: '100', vol_regime: 'LOW_VOL', timestamp: time });
    await put(store, `position:snapshot:${symbol}`, {
      position_amt: '1',
      mark_price: '100',
      timestamp: time,
    });
  }
  await runComponents(store, nowSec());
}

/** Has all five components claimed, caught up and committed at `tick`. */
export async function runComponents(store: Store, tick: number, mode = 'shadow'): Promise<void> {
  const { held } = await store.claim('host-1', TICKING_COMPONENTS);
  for (const { component, epoch } of held) {
    const { inputs } = DECLARATIONS[component as 'budget'];
    const positions = new Map<string, Position>();
    for (const name of inputs) {
      const { streams } = await store.read([
        { stream: `${NAMESPACE}:${KEYS[name].pattern}`, after: '0-0', count: 1 },
      ]);
      const facts = streams[0]!.facts;
      positions.set(KEYS[name].pattern.slice('stream:'.length), {
        after: facts?.lastId ?? '0-0',
        count: facts?.added ?? null,
      });
    }
    const meta = ['mode', mode, 'mode_why', 'neither set nor switched', 'tick', String(tick), 'symbols', '2'];
    await store.commit({
      owner: 'host-1',
      parts: [
        {
          component,
          epoch,
          sequence: (await store.load(component))?.sequence ?? 0,
          meta: [...meta, 'inputs', encodePositions(positions)],
          records: [],
          seen: null,
          dropSeen: 0,
        },
      ],
      outputs: [{ kind: 'index', symbols: SYMBOLS }],
    });
  }
}

export async function examine(store: Store, change: Change, localMs: () => number): Promise<Diagnosis> {
  for (const [key, fields] of Object.entries(change.hashes ?? {}))
    await store.writeFields(`${NAMESPACE}:${key}`, Object.entries(fields));
  for (const [key, entries] of Object.entries(change.entries ?? {}))
    for (const fields of entries)
      await store.append([{ stream: `${NAMESPACE}:${key}`, fields: flat(fields), maxLength: null }]);
  const configured: Configured = {
    namespace: NAMESPACE,
    settings: { ...defaultSettings(), ...change.settings },
    runtime: { ...defaultRuntimeSettings(), ...change.runtime },
    given: new Set(change.given),
    aliases: new Map(Object.entries(change.aliases ?? {})),
    clusters: new Map(),
  };
  const stored = await collectStored(store, configured, localMs);
  const found = { ...stored, ...change.found?.(stored) };
  return diagnose({
    ...configured,
    stored: found,
    notRead: null,
    health: [],
    disk: null,
    ...change.situation,
  });
}

export async function put(
  store: Store,
  key: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  await store.writeFields(`${NAMESPACE}:${key}`, Object.entries(fields));
}

function flat(fields: Readonly<Record<string, string>>): FlatFields {
  return Object.entries(fields).flat();
}
