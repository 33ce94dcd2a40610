/** Plans for tests of the governor, and its answers to them in a word each. */
import { plan, position } from './engine-events.ts';
import { runEvents, testSettings, verdicts } from './engine-run.ts';
import type { InputEvent, PlanEvent, PositionEvent } from '../../src/core/event.ts';
import type { Settings } from '../../src/core/settings.ts';

export const PRODUCTION = { APPLY_MODE: 'production' } as const;
/** Only the size of the position limits a plan. */
export const FREE = {
  APPLY_MODE: 'testnet',
  GOV_SYMBOL_COOLDOWN_SECONDS: 0,
  GOV_MAX_NOTIONAL_PER_TRADE_PCT: 100,
} as const;

export const open = (ts: number, id: string, notionalUsd = 1000, symbol = 'BTC'): PlanEvent =>
  plan(ts, id, { notionalUsd, symbol });
export const close = (ts: number, id: string, action = 'FULL_CLOSE_PROPOSED'): PlanEvent =>
  plan(ts, id, { action });
/** A long position of 4 at a mark of 10 USD. */
export const held = (ts: number, amount = 4): PositionEvent => position(ts, 'BTC', amount, { markPrice: 10 });

/** What the governor said to each plan that it answered: `granted QTY`, the reason of a block, `disarm SCOPE`. */
export function answers(settings: Partial<Settings>, events: readonly InputEvent[]): string[] {
  return verdicts(runEvents(testSettings(settings), events)).map((one) => {
    if (one.type === 'permit') return `granted ${one.computed_qty ?? ''}`.trim();
    return one.type === 'block' ? one.reason : `disarm ${one.scope}`;
  });
}
