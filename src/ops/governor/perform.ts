/** An operator's request carried out on a store, by the command itself or by the process that has the store to itself. */
import { explainName, type ExplainReport } from '../explain/explain.ts';
import { drill, type DrillReport } from './drill.ts';
import { flatten, type FlattenReport } from './flatten.ts';
import { collectTrading, type TradingReading } from './trading-collect.ts';
import { rearm, switchTrading, type KillReport, type RearmReport } from './trading.ts';
import type { Operation } from '../../components/control/requests.ts';
import type { Deployment } from './operation.ts';

/** What each command answers with: values that are JSON. */
export interface Reports {
  readonly kill: KillReport;
  readonly rearm: RearmReport;
  readonly flatten: FlattenReport;
  readonly drill: DrillReport;
  readonly trading: TradingReading;
  readonly explain: ExplainReport;
}

/** Rejects with `OperatorError` or `StoreError`, in words for people. */
export async function perform(
  deployment: Deployment,
  operation: Operation,
  signal: AbortSignal,
): Promise<Reports[keyof Reports]> {
  switch (operation.command) {
    case 'kill':
      return await switchTrading(deployment, operation);
    case 'rearm':
      return await rearm(deployment, operation);
    case 'flatten':
      return await flatten(deployment, operation, signal);
    case 'drill':
      return await drill(deployment, signal);
    case 'trading':
      return await collectTrading(deployment.store, deployment.namespace);
    case 'explain':
      return await explainName(deployment, operation.name, operation.as);
  }
}
