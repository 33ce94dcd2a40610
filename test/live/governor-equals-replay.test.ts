/**
 * The live governor decides what replay decides: the golden vectors told to both, field by field. Told to the governor as other
 * programs do: plans, results, executions and cash flows as stream entries, positions, marks, the account, budgets, targets and
 * efficiencies as hashes, permits taken through the store, the trading state by an operator.
 *
 * What differs by design is kept from happening here. Events that share a moment in a file have an order there, which streams and
 * hashes do not have between them: each gets a millisecond of its own. Positions of other symbols are looked at once a second:
 * after a position nothing happens for longer than that. Records of a tick are there a millisecond after it. Both are told the
 * same events at the same moments, so that ages and windows are the same.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeEntry } from '../../src/contract/decode.ts';
import { parseSettings, type SettingText } from '../../src/contract/settings.ts';
import { Pipeline } from '../../src/core/pipeline/pipeline.ts';
import { GovernorWorld } from '../support/governor-world.ts';
import type { Decision } from '../../src/core/decision.ts';
import type { EventType, InputEvent, TradingState } from '../../src/core/event.ts';
import type { Settings } from '../../src/core/settings.ts';

/** What those that a governor can be asked about hold: at least so many permits and blocks. */
const CASES = { exits: [60, 30], edges: [15, 10], production: [100, 100], fed: [5, 5] } as const;

describe('the live governor', () => {
  for (const [name, [permits, blocks]] of Object.entries(CASES))
    it(`decides what replay decides on the golden vector ${name}`, async () => {
      const moments = told(name);
      const settings = settingsOf(name);
      const replayed = replay(moments, settings);
      expect(replayed.filter(({ type }) => type === 'permit').length).toBeGreaterThanOrEqual(permits);
      expect(replayed.filter(({ type }) => type === 'block').length).toBeGreaterThanOrEqual(blocks);
      const { decided, refusedTakes } = await live(moments, replayed, settings);
      expect(firstDifference(decided, replayed.filter(isVerdict).map(asTold))).toBeNull();
      expect(refusedTakes).toEqual([]);
    }, 60_000);
});

interface Moment {
  readonly ms: number;
  readonly type: EventType;
  readonly fields: Readonly<Record<string, string>>;
  readonly event: InputEvent;
}

const AFTER_POSITION_MS = 1100;
/** No event at the very moment of a tick, which comes after the events of its moment. */
const OFF_TICK_MS = 2;
const APART_MS = 5;

/** The events of a golden vector, each at a moment of its own, with their fields as text. */
function told(name: string): Moment[] {
  const lines = readFileSync(file(`${name}.events.jsonl`), 'utf8')
    .trim()
    .split('\n');
  const raw = lines.map((line) => JSON.parse(line) as Record<string, string | number | boolean | null>);
  raw.sort((a, b) => Number(a['ts']) - Number(b['ts']));
  let nextMs = 0;
  return raw.map(({ ts, type = 'execution', ...others }) => {
    const ms = Math.max(Math.round(Number(ts) * 1000) + OFF_TICK_MS, nextMs);
    nextMs = ms + (type === 'position' ? AFTER_POSITION_MS : APART_MS);
    const fields = Object.fromEntries(
      Object.entries(others).flatMap(([field, value]) => (value === null ? [] : [[field, String(value)]])),
    );
    const { event } = decodeEntry(type as EventType, fields, ms / 1000, { aliases: new Map() });
    if (event === null) throw new Error(`${name}: ${JSON.stringify(others)} cannot be used`);
    return { ms, type: type as EventType, fields, event };
  });
}

function replay(moments: readonly Moment[], settings: Settings): Decision[] {
  const decisions: Decision[] = [];
  const pipeline = new Pipeline(settings, 'all', (decision) => decisions.push(structuredClone(decision)));
  for (const { event } of moments) pipeline.apply(event);
  return decisions;
}

async function live(
  moments: readonly Moment[],
  replayed: readonly Decision[],
  settings: Settings,
): Promise<{ readonly decided: unknown[]; readonly refusedTakes: string[] }> {
  const world = await GovernorWorld.open(moments[0]!.ms / 1000 - 10);
  const governor = await world.govern(settings);
  const decided: unknown[] = [];
  const { told: heard } = governor;
  heard.permitted = (decision) => void decided.push(asTold(decision));
  heard.blocked = (decision, disarms) => void decided.push(asTold(decision), ...disarms.map(asTold));
  const isOurs = new Set(moments.flatMap(({ event }) => (event.type === 'plan' ? [event.symbol] : [])));
  const refusedTakes: string[] = [];
  const mayTake = new Set(replayed.flatMap((one) => (one.type === 'permit' ? [one.plan_id] : [])));
  for (const decision of replayed)
    if ('tick' in decision && isOurs.has(decision.symbol))
      world.time.at(decision.tick * 1000 + 1, async () => await publish(world, decision));
  for (const moment of moments)
    world.time.at(moment.ms, async () => {
      const why = await tell(world, moment);
      if (why !== null && !mayTake.has(moment.fields['plan_id']!)) return;
      // Replay takes nothing then either.
      if (why !== null && !['expired', 'voided', 'used', 'halted', 'reducing'].includes(why))
        refusedTakes.push(`${moment.fields['plan_id']} ${why}`);
    });
  await world.pass((moments.at(-1)!.ms - world.time.nowMs) / 1000 + 5);
  expect(heard.lines.filter((line) => /^(failed|rejected|refused|gap|clock)/.test(line))).toEqual([]);
  return { decided, refusedTakes };
}

const STREAMS = { execution: 'executions', plan: 'plans', result: 'results', cashflow: 'cashflows' } as const;

/** Returns why a permit was not taken, null where nothing was asked for or it was. */
async function tell(world: GovernorWorld, { type, fields, event, ms }: Moment): Promise<string | null> {
  const { store } = world;
  const put = async (key: string): Promise<void> => {
    const { symbol: _symbol, ...others } = fields;
    await store.writeFields(`quantum:${key}`, Object.entries({ timestamp: String(ms / 1000), ...others }));
  };
  switch (event.type) {
    case 'take': {
      const answer = await store.permits.take(event.planId);
      return answer.taken ? null : answer.why;
    }
    case 'kill':
      await switchTo(world, event.state);
      return null;
    case 'rearm':
      await store.permits.rearm(event.symbol, 'test', 'as the vector says');
      return null;
    case 'position':
      await put(`position:snapshot:${event.symbol}`);
      return null;
    case 'market':
      await put(`state:market:${event.symbol}`);
      return null;
    case 'portfolio':
      await put('state:portfolio');
      return null;
    default: {
      if (!(type in STREAMS)) return null;
      const stream = world.keyOf(STREAMS[type as keyof typeof STREAMS]);
      await store.append([{ stream, fields: Object.entries(fields).flat(), maxLength: null }]);
      return null;
    }
  }
}

async function switchTo({ store }: GovernorWorld, state: TradingState): Promise<void> {
  await store.permits.change({ kind: 'switch', state, by: 'test', reason: 'as the vector says' });
}

/** What a component in enforce writes of it. */
async function publish({ store }: GovernorWorld, decision: Decision): Promise<void> {
  const write = async (key: string, fields: Readonly<Record<string, string | number>>): Promise<void> =>
    await store.writeFields(
      `quantum:${key}`,
      Object.entries<string | number>({ mode: 'enforce', ...fields }).map(
        ([name, value]) => [name, String(value)] as const,
      ),
    );
  if (decision.type === 'budget')
    await write(`portfolio:budget:${decision.symbol}`, {
      budget_usd: decision.budget_usd,
      timestamp: decision.tick,
    });
  if (decision.type === 'allocation')
    await write(`allocation:target:${decision.symbol}`, {
      target_usd: decision.target_usd,
      timestamp: decision.tick,
    });
  if (decision.type === 'efficiency')
    await write(`capital:efficiency:${decision.symbol}`, {
      efficiency_score: decision.efficiency_score,
      confidence: decision.confidence,
      ts: decision.tick,
    });
}

function isVerdict({ type }: Decision): boolean {
  return type === 'permit' || type === 'block' || type === 'disarm';
}

function asTold(decision: unknown): string {
  return JSON.stringify(decision);
}

/** Where two lists of decisions part, or null. */
function firstDifference(lived: readonly unknown[], replayed: readonly unknown[]): unknown {
  for (let i = 0; i < Math.max(lived.length, replayed.length); i++)
    if (lived[i] !== replayed[i]) return { at: i, live: lived[i], replay: replayed[i] };
  return null;
}

function settingsOf(name: string): Settings {
  const enforce = { P28_MODE: 'enforce', P29_MODE: 'enforce', P30_MODE: 'enforce', P31_MODE: 'enforce' };
  const path = file(`${name}.settings.json`);
  const own = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string | number>)
    : {};
  const texts = Object.entries<string | number>({ ...enforce, ...own }).map(
    ([setting, value]): [string, SettingText] => [setting, { text: String(value), source: 'golden' }],
  );
  const { settings, violations } = parseSettings(new Map(texts));
  if (settings === null) throw new Error(violations.map(({ message }) => message).join('; '));
  return settings;
}

function file(name: string): string {
  return fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
}
