/** What is measured, and beside which limit. `scale` 1 is the full size; tests run a thousandth to see that nothing rots. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSettings } from '../src/contract/settings.ts';
import { Pipeline } from '../src/core/pipeline/pipeline.ts';
import { Engine } from '../src/core/pipeline/engine.ts';
import { executionLines, executions, plans } from './events.ts';
import { timed, type Round, type Task } from './measure.ts';
import type { ExecutionEvent } from '../src/core/event.ts';
import type { Settings } from '../src/core/settings.ts';

const DAY_SEC = 86_400;
const YEARS_SEC = 8.5 * 365.25 * DAY_SEC;
const SYMBOLS = 500;

export interface Tasks extends Disposable {
  /** Made one at a time: what one holds would slow the next one's garbage collection. */
  readonly all: readonly (() => Task)[];
}

export function benchTasks(scale: number): Tasks {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-bench-'));
  const settings = enforced();
  const all = [
    () => coreTask(Math.ceil(1_000_000 * scale), settings),
    () => replayTask(Math.ceil(1_000_000 * scale), folder),
    () => yearsTask(Math.ceil(8_000 * scale), settings),
    () => tickTask(SYMBOLS, Math.ceil(2_000 * scale), settings),
    () => tickTask(10_000, Math.ceil(100 * scale), settings),
    () => judgeTask(Math.ceil(50_000 * scale), settings),
  ];
  return { all, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

function enforced(): Settings {
  const modes = ['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE'].map(
    (name) => [name, { text: 'enforce', source: 'bench' }] as const,
  );
  const { settings } = parseSettings(new Map(modes));
  if (settings === null) throw new Error('the benchmark settings do not parse');
  return settings;
}

/** Every component's state per execution, without ticks; the limit sums a window of 20 afresh and nothing else. */
function coreTask(count: number, settings: Settings): Task {
  const passes = 20;
  const events: Writable<ExecutionEvent>[] = executions(Math.ceil(count / passes), SYMBOLS, DAY_SEC / passes);
  return {
    name: `core: state of all components per execution, ${SYMBOLS} symbols`,
    unit: 'executions',
    goal: 'at least 1,500,000 a second',
    run: () => {
      const engine = new Engine(settings);
      return timed(() => repeated(events, passes, (event) => engine.applyExecution(event)));
    },
    limit: { name: 'sums of the last 20 profits alone', run: () => timed(() => sumWindows(events, passes)) },
  };
}

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** The same events again and again, each pass a part of a day later: a million objects at once would measure the memory. */
function repeated(
  events: readonly Writable<ExecutionEvent>[],
  passes: number,
  apply: (event: ExecutionEvent) => void,
): number {
  for (let pass = 0; pass < passes; pass++) {
    for (const event of events) {
      apply(event);
      event.ts += DAY_SEC / passes;
      event.eventTs = event.ts;
    }
  }
  return events.length * passes;
}

function sumWindows(events: readonly Writable<ExecutionEvent>[], passes: number): number {
  const ids = new Map<string, number>();
  const ring = new Float64Array(SYMBOLS * 20);
  const next = new Int32Array(SYMBOLS);
  let check = 0;
  const count = repeated(events, passes, ({ symbol, pnlUsd }) => {
    const id = ids.get(symbol) ?? ids.size;
    ids.set(symbol, id);
    ring[id * 20 + (next[id]! % 20)] = pnlUsd ?? 0;
    next[id] = next[id]! + 1;
    for (let i = 0; i < 20; i++) check += ring[id * 20 + i]!;
  });
  return Number.isFinite(check) ? count : 0;
}

/** The whole command in a process of its own; the limit is one that reads the lines and parses them. */
function replayTask(count: number, folder: string): Task {
  const file = join(folder, 'day.jsonl');
  writeFileSync(file, executionLines(count, SYMBOLS, DAY_SEC));
  const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const parse = join(folder, 'parse.mjs');
  writeFileSync(parse, PARSE_ONLY);
  return {
    name: `replay: a file of one day, ${SYMBOLS} symbols, --emit final`,
    unit: 'lines',
    goal: 'at least half the limit, under 250 MB',
    run: () => inProcess([main, 'replay', file, '--emit', 'final', '--json'], count),
    limit: { name: 'reading the lines and JSON.parse', run: () => inProcess([parse, file], count) },
  };
}

const PARSE_ONLY = `
import { createReadStream } from 'node:fs';
let rest = '';
let objects = 0;
for await (const chunk of createReadStream(process.argv[2], { encoding: 'utf8', highWaterMark: 1 << 18 })) {
  const lines = (rest + chunk).split('\\n');
  rest = lines.pop();
  for (const line of lines) if (typeof JSON.parse(line) === 'object') objects++;
}
process.stdout.write(String(objects));
`;

/** Runs a script in a new Node; its peak memory is read from the system's own account of the process. */
function inProcess(args: readonly string[], units: number): Round {
  const report = `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS))`;
  const preload = `data:text/javascript,${encodeURIComponent(report)}`;
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', preload, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - started) / 1000;
  const peakKb = Number(/peak (\d+)/.exec(stderr)?.[1]);
  if (status !== 0 || Number.isNaN(peakKb))
    throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return { units, seconds, peakMb: peakKb / 1024 };
}

/** Few trades over many years: what counts is that idle ticks cost nothing. */
function yearsTask(count: number, settings: Settings): Task {
  const events = executions(count, 3, YEARS_SEC);
  return {
    name: `replay: ${count.toLocaleString('en-US')} executions of 3 symbols over 8.5 years of 5 s ticks`,
    unit: 'ticks',
    goal: 'under 3 s',
    run: () => {
      const pipeline = new Pipeline(settings, 'executions', () => undefined);
      return timed(() => {
        for (const event of events) pipeline.apply(event);
        pipeline.finish();
        return (pipeline.endTick - events[0]!.ts) / 5;
      });
    },
    limit: { name: 'one comparison a tick', run: () => timed(() => visitTicks(events)) },
  };
}

/** Walks all the ticks between the first and the last event and does nothing else. */
function visitTicks(events: readonly ExecutionEvent[]): number {
  let at = 0;
  let ticks = 0;
  for (let tick = events[0]!.ts; at < events.length; tick += 5, ticks++)
    while (at < events.length && events[at]!.ts <= tick) at++;
  return ticks;
}

/** One tick of every component while each symbol has just traded. */
function tickTask(symbols: number, ticks: number, settings: Settings): Task {
  const events = executions(symbols * 4, symbols, 60);
  const start = events.at(-1)!.ts;
  return {
    name: `ticks of all components, ${symbols.toLocaleString('en-US')} symbols, nothing skipped`,
    unit: 'ticks',
    goal: '-',
    run: () => {
      const pipeline = new Pipeline(settings, 'final', () => undefined);
      for (const event of events) pipeline.apply(event);
      return timed(() => {
        for (let tick = 1; tick <= ticks; tick++)
          pipeline.apply({ type: 'cashflow', ts: start + tick * 5, amountUsd: tick });
        return ticks;
      });
    },
    limit: {
      name: "the score's arithmetic alone, over flat arrays",
      run: () => timed(() => scoreTicks(symbols, ticks)),
    },
  };
}

function scoreTicks(symbols: number, ticks: number): number {
  const factor = new Float64Array(symbols).fill(0.1);
  const vol = new Float64Array(symbols).fill(20);
  const target = new Float64Array(symbols).fill(2000);
  const ewma = new Float64Array(symbols).fill(0.5);
  for (let tick = 0; tick < ticks; tick++) {
    for (let i = 0; i < symbols; i++) {
      const score =
        (factor[i]! + 1) /
        2 /
        (1 + (0.8 * vol[i]!) / target[i]! + (1.2 * vol[i]!) / target[i]! + (0.6 * tick) / 3600);
      ewma[i] = 0.25 * score + 0.75 * ewma[i]!;
    }
  }
  return Number.isFinite(ewma[0]) ? ticks : 0;
}

/** Openings through every gate, granted or not. */
function judgeTask(count: number, settings: Settings): Task {
  const open = {
    ...settings,
    APPLY_MODE: 'production',
    GOV_MAX_EXEC_PER_HOUR: 1_000_000,
    GOV_MAX_EXEC_PER_5MIN: 1_000_000,
    GOV_SYMBOL_COOLDOWN_SECONDS: 0,
  } as const;
  const before = executions(SYMBOLS * 2, SYMBOLS, 60);
  const all = plans(count, SYMBOLS, before.at(-1)!.ts + 1);
  return {
    name: `governor: plans judged in memory, production, ${SYMBOLS} symbols`,
    unit: 'plans',
    goal: 'at least 50,000 a second',
    run: () => {
      const engine = new Engine(open);
      for (const event of before) engine.applyExecution(event);
      return timed(() => {
        let permits = 0;
        for (const plan of all) for (const { type } of engine.judge(plan)) if (type === 'permit') permits++;
        return permits;
      });
    },
    limit: {
      name: 'building the JSON of as many permits',
      run: () => timed(() => all.reduce((sum, plan) => sum + (JSON.stringify(plan).length > 0 ? 1 : 0), 0)),
    },
  };
}
