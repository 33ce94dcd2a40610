/** Executions for property tests of the reports: few names, so that cells meet; times before and after 1970. */
import fc from 'fast-check';
import { Names } from '../../src/core/names.ts';
import type { LedgerNames } from '../../src/replay/report/breakdown.ts';
import type { PeriodLedger } from '../../src/replay/report/ledger.ts';

export type AddArguments = Parameters<PeriodLedger['add']>;

const labelId = fc.nat(3);

export const execution: fc.Arbitrary<AddArguments> = fc.tuple(
  fc.nat(5),
  labelId,
  labelId,
  labelId,
  labelId,
  labelId,
  labelId,
  fc.oneof(fc.integer({ min: -1e7, max: 2e9 }), fc.double({ min: 0, max: 1e6, noNaN: true })),
  fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0, -0, 1, -1, 0.1, 1e-9)),
);

export const executions = fc.array(execution, { maxLength: 600 });

export function namesForExecutions(): LedgerNames {
  return {
    symbols: new Names(['BTC', 'ETH', '__proto__', 'SOL', 'ADA', 'XRP']),
    labels: new Names(['UNKNOWN', 'TREND', 'constructor', 'é']),
  };
}
