/** Timing for the benchmarks: several rounds of a task and of its limit in turn, so that a drifting machine moves both. */
export interface Task {
  readonly name: string;
  /** What one round counts: `executions`, `lines`. */
  readonly unit: string;
  /** Runs one round; returns how many units it did and how long that took. */
  readonly run: () => Round;
  /** The least such work can cost, measured beside it. */
  readonly limit: { readonly name: string; readonly run: () => Round };
  readonly goal: string;
}

export interface Round {
  readonly units: number;
  readonly seconds: number;
  /** Peak resident memory of a process of its own, MB. */
  readonly peakMb?: number;
}

export interface Measured {
  readonly name: string;
  readonly unit: string;
  /** Units a second, median of the rounds. */
  readonly rate: number;
  readonly limitName: string;
  readonly limitRate: number;
  /** Rate over the limit's, median of the rounds' own ratios. */
  readonly ratio: number;
  readonly seconds: number;
  readonly peakMb: number | null;
  readonly goal: string;
}

/** Runs `rounds` rounds after one that is not counted. */
export function measure(task: Task, rounds: number): Measured {
  const own: Round[] = [];
  const limits: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const done = task.run();
    const limit = task.limit.run();
    if (round === 0 && rounds > 1) continue;
    own.push(done);
    limits.push(limit);
  }
  const rates = own.map(rateOf);
  const limitRates = limits.map(rateOf);
  const peaks = own.flatMap(({ peakMb }) => (peakMb === undefined ? [] : [peakMb]));
  return {
    name: task.name,
    unit: task.unit,
    rate: median(rates),
    limitName: task.limit.name,
    limitRate: median(limitRates),
    ratio: median(rates.map((rate, i) => rate / limitRates[i]!)),
    seconds: median(own.map(({ seconds }) => seconds)),
    peakMb: peaks.length === 0 ? null : Math.max(...peaks),
    goal: task.goal,
  };
}

/** Seconds that `work` takes, and the units it returns. */
export function timed(work: () => number): Round {
  const started = performance.now();
  const units = work();
  return { units, seconds: (performance.now() - started) / 1000 };
}

function rateOf({ units, seconds }: Round): number {
  return units / seconds;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
