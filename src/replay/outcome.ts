/** What a replay ends with. */
import type { Pipeline } from '../core/pipeline/pipeline.ts';
import type { PlanTally } from './as-plans.ts';
import type { ReplayRecord } from './record.ts';
import type { QualityFlag, QualitySummary } from './report/quality.ts';

/** How a file was read. */
export interface FileRead {
  readonly name: string;
  readonly what: string;
}

export interface ReplayOutcome {
  /** False with `--save`: the ticks after the last event belong to the next part, and so do the final states. */
  readonly finished: boolean;
  /** Executions with these flags were left out. */
  readonly excluded: ReadonlySet<QualityFlag>;
  readonly pipeline: Pipeline;
  readonly record: ReplayRecord;
  readonly files: readonly FileRead[];
  readonly plans: PlanTally | null;
  /** What looked wrong with the data, as far as is known at the end. */
  readonly quality: QualitySummary;
  /** The first refused lines, with their places. */
  readonly rejectedExamples: readonly { file: string; line: number; reason: string; detail: string }[];
}
