/** Does it make sense together: every check over one situation, the gravest findings first. */
import { judgeLimits } from './doctor-limits.ts';
import { judgeModes } from './doctor-modes.ts';
import { judgeNames } from './doctor-names.ts';
import { judgeHoldPenalty } from './doctor-rates.ts';
import { judgeRecords } from './doctor-records.ts';
import { judgeSettings } from './doctor-settings.ts';
import { judgeStore } from './doctor-store.ts';
import { judgeStreams } from './doctor-streams.ts';
import type { Situation } from './doctor-situation.ts';
import type { Finding, Severity } from './doctor-table.ts';

/** What `ballast doctor --json` prints. */
export interface Diagnosis {
  readonly problems: number;
  readonly warnings: number;
  readonly hints: number;
  readonly findings: readonly Finding[];
  /** What was looked at. */
  readonly store: string | null;
  readonly hashes: number;
  readonly executions: number;
}

const ORDER: readonly Severity[] = ['problem', 'warning', 'hint'];

export function diagnose(situation: Situation): Diagnosis {
  const all = [
    ...judgeStore(situation),
    ...judgeStreams(situation),
    ...judgeNames(situation),
    ...judgeRecords(situation),
    ...judgeModes(situation),
    ...judgeSettings(situation),
    ...judgeLimits(situation),
    ...judgeHoldPenalty(situation),
  ];
  const findings = ORDER.flatMap((severity) => all.filter((one) => one.severity === severity));
  const count = (severity: Severity): number => all.filter((one) => one.severity === severity).length;
  return {
    problems: count('problem'),
    warnings: count('warning'),
    hints: count('hint'),
    findings,
    store: situation.stored?.facts.where ?? null,
    hashes: situation.stored?.hashes.length ?? 0,
    executions: situation.stored?.executions.length ?? 0,
  };
}
