/** The overview from what was read, and which of its fields changed. */
import { saturate } from '../../core/num.ts';
import { statusOf, type Status } from '../../ops/status.ts';
import type { Settings } from '../../core/settings.ts';
import type { ComponentReading, StreamPace } from '../../ops/status-collect.ts';
import type { HashAnswer, StoreFacts } from '../../store/store.ts';
import type { Account } from './account.ts';
import type { Executions } from './executions.ts';
import type { GovernorEvents } from './governor-events.ts';
import type { Overview, SymbolRow, Trading } from '../wire.ts';

/** What never changes. */
export interface Deployment {
  readonly version: string;
  readonly namespace: string;
  readonly kind: 'live' | 'paper';
  readonly settings: Settings;
  readonly storeKind: 'redis' | 'memory';
  readonly storeWhere: string;
}

/** What was read last. */
export interface Readings {
  readonly nowSec: number;
  readonly facts: StoreFacts;
  readonly components: ComponentReading;
  readonly portfolio: HashAnswer;
  readonly paces: readonly StreamPace[];
  readonly trading: Trading;
  readonly account: Account | null;
}

export function overviewOf(
  deployment: Deployment,
  rate: number,
  error: string | null,
  readings: Readings,
  rows: readonly SymbolRow[],
  executions: Executions,
  events: GovernorEvents,
): Overview {
  const { version, namespace, kind, settings, storeKind, storeWhere } = deployment;
  const { nowSec, trading, account } = readings;
  const status = statusIn(settings, readings);
  const sum = (of: (row: SymbolRow) => number | null): number =>
    rows.reduce((before, row) => saturate(before + (of(row) ?? 0)), 0);
  return {
    version,
    namespace,
    kind,
    rate,
    read_at: nowSec,
    store: { kind: storeKind, where: storeWhere, error },
    apply_mode: settings.APPLY_MODE,
    trading,
    account,
    components: status.components.map(componentRow),
    inputs: status.inputs.map((input) => ({ ...input })),
    streams: status.streams.map((stream) => ({ ...stream })),
    totals: {
      symbols: rows.length,
      profit_usd: executions.profitUsd,
      profit_since: executions.since,
      executions: executions.count,
      budget_usd: sum((row) => row.budget_usd),
      target_usd: sum((row) => row.target_usd),
      position_usd: sum((row) => row.position_usd),
      permits: events.counts.permits.at(nowSec),
      blocks: events.counts.blocks.at(nowSec),
      unpermitted: events.counts.unpermitted.at(nowSec),
    },
  };
}

/** The top-level fields that differ; null: none does. */
export function overviewChanges(before: Overview, after: Overview): Partial<Overview> | null {
  const changed = (Object.keys(after) as (keyof Overview)[]).filter(
    (name) => before[name] !== after[name] && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return changed.length === 0 ? null : Object.fromEntries(changed.map((name) => [name, after[name]]));
}

function statusIn(settings: Settings, { facts, components, portfolio, paces }: Readings): Status {
  return statusOf({
    settings,
    nowMs: components.nowMs,
    stored: { facts, reading: components, portfolio, paces },
    storeError: null,
    trading: null,
    tradingError: null,
    health: [],
  });
}

function componentRow(component: Status['components'][number]): Overview['components'][number] {
  return {
    component: component.component,
    id: component.id,
    state: component.state,
    mode: component.mode,
    mode_why: component.mode_why,
    owner: component.owner,
    last_tick: component.last_tick,
    tick_age_sec: component.tick_age_sec,
    interval_sec: component.interval_sec,
    symbols: component.symbols,
    lag_sec: component.lag_sec,
    degraded: [...component.degraded],
  };
}
