/** What a replay ends with. */
import type { Pipeline } from '../core/pipeline/pipeline.ts';
import type { PlanTally } from './as-plans.ts';
import type { ReplayRecord } from './record.ts';
import type { QualitySummary } from './report/quality.ts';

/** How a file was read. */
export interface FileRead {
  readonly name: string;
  readonly what: string;
}

export interface ReplayOutcome {
  readonly pipeline: Pipeline;
  readonly record: ReplayRecord;
  readonly files: readonly FileRead[];
  readonly plans: PlanTally | null;
  /** What looked wrong with the data, as far as is known at the end. */
  readonly quality: QualitySummary;
  /** The first refused lines, with their places. */
  readonly rejectedExamples: readonly { file: string; line: number; reason: string; detail: string }[];
}
