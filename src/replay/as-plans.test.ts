import { describe, expect, it } from 'vitest';
import { execution, T0 } from '../../test/support/engine-events.ts';
import { runEvents, testSettings } from '../../test/support/engine-run.ts';
import { asPlans, PlanTally } from './as-plans.ts';
import type { ExecutionEvent, InputEvent } from '../core/event.ts';
import type { LocatedEvent } from './formats/format.ts';

async function planned(
  executions: readonly ExecutionEvent[],
): Promise<{ events: InputEvent[]; tally: PlanTally }> {
  const tally = new PlanTally();
  const located = executions.map((event, i): LocatedEvent => ({
    event,
    source: 0,
    line: i + 1,
    futureTime: false,
  }));
  async function* batches(): AsyncGenerator<LocatedEvent[]> {
    yield await Promise.resolve(located);
  }
  const events: InputEvent[] = [];
  for await (const batch of asPlans(batches(), tally))
    for (const { event } of batch) if (event !== null) events.push(event);
  return { events, tally };
}

function trade(closeTs: number, rest: Partial<ExecutionEvent> = {}): ExecutionEvent {
  return execution(closeTs, 'BTC', -10, {
    holdSec: 600,
    side: 'LONG',
    qty: 2,
    price: 90,
    entryPrice: 100,
    ...rest,
  });
}

const brief = (events: readonly InputEvent[]): string[] =>
  events.map((event) =>
    event.type === 'plan'
      ? `${event.action} ${event.side ?? ''}`
      : event.type === 'position'
        ? `position ${event.amount}`
        : event.type,
  );

describe('trades as plans', () => {
  it('are an opening at the entry, a full close at the exit, and the position between', async () => {
    const { events } = await planned([trade(T0 + 600)]);
    expect(brief(events)).toEqual([
      ...['OPEN_PROPOSED BUY', 'take', 'result', 'position 2', 'position 2'],
      ...['FULL_CLOSE_PROPOSED SELL', 'take', 'result', 'execution', 'position 0'],
    ]);
    expect(events[0]).toMatchObject({ ts: T0, qty: 2, price: 100, notionalUsd: null, reduceOnly: false });
    expect(events[5]).toMatchObject({ ts: T0 + 600, qty: 2, price: 90, reduceOnly: true });
    expect(events.map(({ ts }) => ts)).toEqual(events.map(({ ts }) => ts).sort((a, b) => a - b));
  });

  it('sell to open a short and take its stake where no quantity is known', async () => {
    const { events } = await planned([trade(T0 + 600, { side: 'short', qty: null, stakeUsd: 50 })]);
    expect(events[0]).toMatchObject({ type: 'plan', side: 'SELL', qty: null, price: null, notionalUsd: 50 });
  });

  it('reduce while another trade of the symbol is open, and close with the last', async () => {
    const { events } = await planned([trade(T0 + 600), trade(T0 + 900)]);
    const actions = events.flatMap((event) => (event.type === 'plan' ? [event.action] : []));
    expect(actions).toEqual(['OPEN_PROPOSED', 'OPEN_PROPOSED', 'REDUCE_PROPOSED', 'FULL_CLOSE_PROPOSED']);
  });

  it('that do not say when they were opened stay what they are, and are counted', async () => {
    const { events, tally } = await planned([
      trade(T0, { holdSec: null }),
      trade(T0 + 1, { entryTs: T0 + 5 }),
      execution(T0 + 2, 'BTC', null, { holdSec: 5 }),
    ]);
    expect(brief(events)).toEqual(['execution', 'execution', 'execution']);
    expect(tally.withoutEntry).toBe(2);
  });

  it('prefer the entry time they give to the one they imply', async () => {
    const { events } = await planned([trade(T0 + 600, { entryTs: T0 + 60 })]);
    expect(events[0]).toMatchObject({ type: 'plan', ts: T0 + 60 });
  });

  it('give every close a position to reduce, so that the governor passes it', async () => {
    const trades = Array.from({ length: 30 }, (_, i) =>
      trade(T0 + i * 700, {
        symbol: `S${i % 3}`,
        holdSec: (i % 7) * 500,
        side: i % 3 === 0 ? 'LONG' : 'SHORT',
      }),
    ).sort((a, b) => a.ts - b.ts);
    const { events, tally } = await planned(trades);
    for (const decision of runEvents(testSettings({ APPLY_MODE: 'production' }), events).decisions)
      tally.decision(decision);
    expect(tally.openings).toBe(30);
    expect(tally.closes).toBe(30);
    expect([...tally.blockedCloses]).toEqual([]);
  });

  it('close what they opened even where a long and a short of one symbol are open together', async () => {
    const { events, tally } = await planned([
      trade(T0 + 600),
      trade(T0 + 900, { side: 'SHORT', holdSec: 600 }),
    ]);
    const { decisions } = runEvents(testSettings({ APPLY_MODE: 'production' }), events);
    for (const decision of decisions) tally.decision(decision);
    expect([...tally.blockedCloses]).toEqual([]);
  });

  it('say what a block would have saved: the profit with its sign turned', async () => {
    const trades = Array.from({ length: 8 }, (_, i) =>
      trade(T0 + 600 + i * 100, { pnlUsd: i % 2 === 0 ? -7 : 3 }),
    );
    const { events, tally } = await planned(trades);
    for (const decision of runEvents(testSettings({ APPLY_MODE: 'production' }), events).decisions)
      tally.decision(decision);
    const blocked = [...tally.blocked.values()];
    expect(blocked.length).toBeGreaterThan(0);
    for (const { pnlUsd, savedUsd } of blocked) expect(savedUsd).toBe(-pnlUsd);
    expect(blocked.reduce((sum, { count }) => sum + count, 0)).toBeLessThan(9);
  });
});
