/** Events as other programs tell them: stream entries and hashes, for the live system and for replay alike. */
import { decodeEntry } from '../../src/contract/decode.ts';
import { Pipeline } from '../../src/core/pipeline/pipeline.ts';
import { encodeDecision } from '../../src/contract/encode.ts';
import { tickAtOrAfter } from '../../src/core/tick.ts';
import type { EventType, InputEvent } from '../../src/core/event.ts';
import type { InputStream } from '../../src/contract/keys.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { LiveWorld } from './live-run.ts';

/** What is told at a moment: an entry of a stream, or a hash that is now as it says. */
export interface Told {
  readonly ms: number;
  readonly type: EventType;
  readonly fields: Readonly<Record<string, string>>;
  /** Null: a hash. */
  readonly stream: InputStream | null;
  /** Of a hash, after the namespace. */
  readonly key: string;
}

const STREAM_OF: Partial<Record<EventType, InputStream>> = {
  execution: 'executions',
  cashflow: 'cashflows',
  regime: 'regimes',
};
const ORDER: readonly (InputStream | null)[] = ['executions', 'cashflows', 'regimes'];

/** `ms` rounded, and for hashes half a second before a whole one: they are looked at a little after a tick. */
export function tell(events: readonly InputEvent[]): Told[] {
  const told: Told[] = [];
  const named = new Set<string>();
  const firstMs = Math.ceil((events[0]?.ts ?? 0) * 1000);
  for (const event of events) {
    const one = tellOne(event);
    if (one === null) continue;
    const stream = STREAM_OF[event.type] ?? null;
    const exact = Math.round(event.ts * 1000);
    const ms = stream === null ? Math.ceil((exact + 500) / 1000) * 1000 - 500 : exact;
    told.push({ ms: Math.max(ms, firstMs), type: event.type, stream, ...one });
    if ('symbol' in event && event.symbol !== null) named.add(symbolOf(event.symbol));
  }
  // A symbol is known from an execution, a cluster from one that names it: else it has to be found first.
  const opens = [...named].flatMap((symbol) =>
    ['L1', 'MEME', 'constructor', 'majors', 'alts'].map((cluster): Told => {
      const fields = { symbol, kind: 'open', cluster };
      return { ms: firstMs, type: 'execution', stream: 'executions', key: '', fields };
    }),
  );
  return [...opens, ...told].toSorted((a, b) => a.ms - b.ms);
}

function symbolOf(name: string): string {
  return name === '__proto__' ? 'PROTO' : name;
}

function tellOne(event: InputEvent): Pick<Told, 'fields' | 'key'> | null {
  switch (event.type) {
    case 'execution':
      return {
        key: '',
        fields: present({
          symbol: symbolOf(event.symbol),
          ...(event.pnlUsd === null ? { kind: 'open' } : { realized_pnl: event.pnlUsd }),
          timestamp: event.eventTs,
          execution_id: event.executionId,
          regime: event.regime,
          cluster: event.cluster,
          signal: event.signal,
        }),
      };
    case 'cashflow':
      return { key: '', fields: present({ amount_usd: event.amountUsd }) };
    case 'regime': {
      const { regime, confidence, stateTs } = event;
      const symbol = event.symbol === null ? null : symbolOf(event.symbol);
      return { key: '', fields: present({ regime, confidence, symbol, timestamp: stateTs }) };
    }
    case 'portfolio': {
      const { equityUsd, drawdown, heat, stateTs } = event;
      const fields = present({ equity_usd: equityUsd, drawdown, heat, timestamp: stateTs });
      return { key: 'state:portfolio', fields };
    }
    case 'market': {
      const { markPrice, volRegime, sigma, stateTs } = event;
      const fields = { mark_price: markPrice, vol_regime: volRegime, sigma, timestamp: stateTs };
      return { key: `state:market:${symbolOf(event.symbol)}`, fields: present(fields) };
    }
    case 'cluster_stress': {
      const fields = present({ stress: event.stress, timestamp: event.stateTs });
      return { key: `cluster:stress:${event.cluster}`, fields };
    }
    case 'position': {
      const { amount, markPrice, notionalUsd, stateTs } = event;
      const fields = {
        position_amt: amount,
        mark_price: markPrice,
        notional_usd: notionalUsd,
        timestamp: stateTs,
      };
      return { key: `position:snapshot:${symbolOf(event.symbol)}`, fields: present(fields) };
    }
    case 'cluster':
      return { key: 'config:symbol.cluster', fields: { [symbolOf(event.symbol)]: event.cluster } };
    default:
      return null;
  }
}

function present(fields: Record<string, string | number | null>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
  );
}

/** Tells a world everything when its time comes. */
export function feed(world: LiveWorld, told: readonly Told[]): void {
  for (const { ms, stream, key, fields, type } of told)
    world.time.at(ms, async () => {
      if (stream !== null) await world.add(stream, fields);
      else if (type === 'cluster') await world.store.writeFields(`quantum:${key}`, Object.entries(fields));
      else await world.put(key, fields);
    });
}

/** What replay decides about the same: `end` is its last tick. */
export function replayOf(told: readonly Told[], settings: Settings): { decisions: string[]; end: number } {
  const decisions: string[] = [];
  const pipeline = new Pipeline(settings, 'all', (decision) => decisions.push(encodeDecision(decision)));
  const { intervals } = pipeline;
  const last = new Map<string, Timed>();
  const timed: Timed[] = [];
  told.forEach((one, sequence) => {
    const isHash = one.stream === null;
    const ts = one.ms / 1000;
    // A hash is read at the next tick of any component; what it held in between nobody saw.
    const arrival = isHash ? Math.min(...intervals.map((interval) => tickAtOrAfter(ts, interval))) : ts;
    const event = decoded(one, arrival);
    const timedEvent = { event, order: isHash ? 9 : ORDER.indexOf(one.stream), sequence };
    const name = `${arrival} ${one.key} ${one.type === 'cluster' ? Object.keys(one.fields).join() : ''}`;
    const before = isHash ? last.get(name) : undefined;
    if (before !== undefined) timed.splice(timed.indexOf(before), 1);
    last.set(name, timedEvent);
    timed.push(timedEvent);
  });
  timed.sort((a, b) => a.event.ts - b.event.ts || a.order - b.order || a.sequence - b.sequence);
  for (const { event } of timed) pipeline.apply(event);
  pipeline.finish();
  return { decisions, end: pipeline.endTick };
}

interface Timed {
  readonly event: InputEvent;
  readonly order: number;
  readonly sequence: number;
}

function decoded({ type, fields, key }: Told, arrival: number): InputEvent {
  const given: Record<string, string> = { ...fields };
  if (type === 'market' || type === 'position') given['symbol'] = key.slice(key.lastIndexOf(':') + 1);
  if (type === 'cluster_stress') given['cluster'] = key.slice('cluster:stress:'.length);
  if (type === 'cluster') {
    const [symbol, cluster] = Object.entries(fields)[0]!;
    return { type, ts: arrival, symbol, cluster };
  }
  const { event } = decodeEntry(type, given, arrival, { aliases: new Map() });
  if (event === null) throw new Error(`${type} ${JSON.stringify(given)} cannot be used`);
  return event;
}
