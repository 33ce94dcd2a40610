/**
 * One replay: files → events in order of time → the pipeline → decisions, counts and the final state. Event time only;
 * nothing here depends on how fast it runs. Source: spec/replay.md.
 */
import { encodeDecision } from '../contract/encode.ts';
import { Pipeline, type Emit } from '../core/pipeline/pipeline.ts';
import { asPlans, PlanTally } from './as-plans.ts';
import { chooseFormat } from './formats/choose.ts';
import {
  InputError,
  type FormatName,
  type FormatOptions,
  type LocatedEvent,
  type RejectedLine,
} from './formats/format.ts';
import { mergeEvents, OutOfOrder, sortEvents } from './merge.ts';
import { OutputFolder } from './output.ts';
import { filesOf, openSource, type OpenedSource } from './sources.ts';
import { readEvents, type OpenInput } from './read-events.ts';
import { ReplayRecord } from './record.ts';
import { loadState, saveState } from './state.ts';
import { isExcluded, type QualityFlag, type QualityKnowledge } from './report/quality.ts';
import { finalJson } from './result.ts';
import type { ReplayOutcome } from './outcome.ts';
import type { Decision } from '../core/decision.ts';
import type { ExecutionEvent } from '../core/event.ts';
import type { Settings } from '../core/settings.ts';

export interface ReplayRequest {
  readonly files: readonly string[];
  readonly format: FormatName | 'auto';
  readonly formatOptions: FormatOptions;
  readonly settings: Settings;
  readonly aliases: ReadonlyMap<string, string>;
  /** Symbol → cluster, known before the first event. */
  readonly clusters: ReadonlyMap<string, string>;
  readonly emit: Emit;
  readonly out: string | null;
  readonly save: string | null;
  readonly load: string | null;
  /** A line that cannot be used ends the run. */
  readonly strict: boolean;
  readonly asPlans: boolean;
  /** Executions with these flags are left out. */
  readonly exclude: ReadonlySet<QualityFlag>;
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  readonly events: number;
  /** Arrival of the newest event, Unix seconds. */
  readonly ts: number;
}

const EXAMPLES = 20;
const PROGRESS_EVERY = 8192;

/** Throws `InputError` where a file, the state or the output folder cannot be used; then nothing was written. */
export async function replay(request: ReplayRequest): Promise<ReplayOutcome> {
  using inputs = new Inputs();
  for (const name of request.files.flatMap(filesOf)) inputs.open.push(await inputs.add(name, request.format));
  const learned = request.exclude.size > 0 || request.out !== null ? await learn(inputs.open, request) : null;
  if (request.asPlans) return new Run(request, inputs.open, learned).go('sorted');
  try {
    return await new Run(request, inputs.open, learned).go('streamed');
  } catch (error) {
    if (error instanceof OutOfOrder) return new Run(request, inputs.open, learned).go('sorted');
    throw error;
  }
}

/** The opened files, closed together. */
class Inputs implements Disposable {
  readonly open: OpenInput[] = [];
  readonly #sources: OpenedSource[] = [];

  async add(name: string, format: FormatName | 'auto'): Promise<OpenInput> {
    const source = await openSource(name);
    this.#sources.push(source);
    return { source, chosen: await chooseFormat(source, format) };
  }

  [Symbol.dispose](): void {
    for (const source of this.#sources) source[Symbol.dispose]();
  }
}

/** A first pass, to explain or leave out single rows: some patterns show only after the rows that make them. */
async function learn(inputs: readonly OpenInput[], request: ReplayRequest): Promise<QualityKnowledge> {
  const { engine } = new Pipeline(request.settings, 'final', () => undefined);
  const record = new ReplayRecord();
  for (const batches of sourcesOf(inputs, request)) {
    for await (const batch of batches)
      for (const { event, source } of batch)
        if (event?.type === 'execution') record.observe(event, engine.symbolId(event.symbol), source);
  }
  return record.quality.learned();
}

function sourcesOf(
  inputs: readonly OpenInput[],
  request: ReplayRequest,
): AsyncIterable<(LocatedEvent | RejectedLine)[]>[] {
  const options = { aliases: request.aliases };
  const entries = new Set<string>();
  return inputs.map((input, index) =>
    onlyNew(readEvents(input, index, request.formatOptions, options), entries),
  );
}

/** Leaves out what another recording held already: several components, or a process and its successor, record the same entry. */
async function* onlyNew(
  batches: AsyncIterable<(LocatedEvent | RejectedLine)[]>,
  entries: Set<string>,
): AsyncGenerator<(LocatedEvent | RejectedLine)[]> {
  for await (const batch of batches) {
    const isRecorded = batch.some((item) => item.event !== null && item.entry !== undefined);
    yield isRecorded ? batch.filter((item) => isNew(item, entries)) : batch;
  }
}

function isNew(item: LocatedEvent | RejectedLine, entries: Set<string>): boolean {
  if (item.event === null || item.entry === undefined) return true;
  const count = entries.size;
  return entries.add(item.entry).size > count;
}

class Run {
  readonly #request: ReplayRequest;
  readonly #inputs: readonly OpenInput[];
  readonly #pipeline: Pipeline;
  readonly #plans: PlanTally | null;
  /** Knows from the first pass what the record's own watch learns on the way. */
  readonly #explaining: ReplayRecord | null;
  readonly #examples: { file: string; line: number; reason: string; detail: string }[] = [];
  #record: ReplayRecord;
  #out: OutputFolder | null = null;
  #events = 0;

  constructor(request: ReplayRequest, inputs: readonly OpenInput[], learned: QualityKnowledge | null) {
    this.#request = request;
    this.#inputs = inputs;
    this.#record = new ReplayRecord();
    this.#explaining = learned === null ? null : new ReplayRecord(learned);
    this.#plans = request.asPlans ? new PlanTally() : null;
    this.#pipeline = new Pipeline(request.settings, request.emit, (decision) => this.#decide(decision));
    const { engine } = this.#pipeline;
    for (const [symbol, cluster] of request.clusters)
      engine.context.configureCluster(engine.symbolId(symbol), cluster);
  }

  async go(order: 'streamed' | 'sorted'): Promise<ReplayOutcome> {
    const request = this.#request;
    if (request.load !== null) this.#record = loadState(request.load, this.#pipeline, request.settings);
    this.#out = request.out === null ? null : new OutputFolder(request.out);
    try {
      const sources = sourcesOf(this.#inputs, request);
      const merged = order === 'streamed' ? mergeEvents(sources) : sortEvents(sources);
      for await (const batch of this.#plans === null ? merged : asPlans(merged, this.#plans)) {
        for (const item of batch) this.#take(item);
      }
      if (request.save === null) this.#pipeline.finish();
      this.#out?.write('final.json', finalJson(this.#pipeline, this.#record, request.save === null));
      this.#out?.finish();
      if (request.save !== null) saveState(request.save, this.#pipeline, this.#record, request.settings);
      this.#out?.publish();
    } catch (error) {
      this.#out?.discard();
      throw error;
    }
    return {
      finished: request.save === null,
      excluded: request.exclude,
      pipeline: this.#pipeline,
      record: this.#record,
      files: this.#inputs.map(({ source, chosen }) => ({ name: source.name, what: chosen.what })),
      plans: this.#plans,
      quality: (this.#explaining ?? this.#record).quality.summary(),
      rejectedExamples: this.#examples,
    };
  }

  #take(item: LocatedEvent | RejectedLine): void {
    if (item.event === null) return this.#reject(item);
    const { event } = item;
    const pipeline = this.#pipeline;
    if (event.ts < pipeline.lastEventTs) throw this.#beforeState(item);
    const record = this.#record;
    if (++this.#events % PROGRESS_EVERY === 0)
      this.#request.onProgress({ events: this.#events, ts: event.ts });
    if (record.firstTs === 0) {
      record.firstTs = event.ts;
      record.curve.add(event.ts, pipeline.engine.equityUsd);
    }
    if (item.futureTime) record.futureTimes++;
    if (event.type === 'execution') return this.#takeExecution(item, event);
    const wasFed = pipeline.engine.isFed;
    pipeline.apply(event);
    if (event.type === 'cashflow' || event.type === 'portfolio')
      record.account(event, pipeline.engine, wasFed);
  }

  #takeExecution(item: LocatedEvent, event: ExecutionEvent): void {
    const pipeline = this.#pipeline;
    const record = this.#record;
    if (event.executionId !== null && pipeline.seen.has(event.executionId)) {
      pipeline.apply(event);
      record.duplicates++;
      return;
    }
    const symbol = pipeline.engine.symbolId(event.symbol);
    record.observe(event, symbol, item.source);
    const flag = this.#explaining?.observe(event, symbol, item.source) ?? null;
    if (flag !== null) this.#suspect(item, flag);
    if (isExcluded(flag, this.#request.exclude)) {
      record.excluded++;
      return;
    }
    pipeline.apply(event);
    record.execution(event, symbol, pipeline.engine);
  }

  #decide(decision: Decision): void {
    this.#record.decision(decision);
    this.#plans?.decision(decision);
    if (this.#out !== null) this.#out.write('decisions.jsonl', encodeDecision(decision));
  }

  #reject(line: RejectedLine): void {
    const { reason, detail, raw } = line;
    const file = this.#inputs[line.source]!.source.name;
    if (this.#request.strict) throw new InputError(`${file}:${line.line}: ${reason}: ${detail}`);
    this.#record.reject(line);
    if (this.#examples.length < EXAMPLES) this.#examples.push({ file, line: line.line, reason, detail });
    this.#out?.write('rejected.jsonl', JSON.stringify({ file, line: line.line, reason, detail, raw }));
  }

  #suspect(item: LocatedEvent, flag: QualityFlag): void {
    if (this.#out === null || item.event.type !== 'execution') return;
    const file = this.#inputs[item.source]!.source.name;
    const { symbol, pnlUsd, eventTs } = item.event;
    this.#out.write(
      'suspects.jsonl',
      JSON.stringify({ file, line: item.line, flag, symbol, pnl_usd: pnlUsd, ts: eventTs }),
    );
  }

  #beforeState(item: LocatedEvent): InputError {
    const file = this.#inputs[item.source]!.source.name;
    const { ts } = item.event;
    return new InputError(
      `${file}:${item.line}: is at ${ts}, before ${this.#pipeline.lastEventTs}, the newest event of --load ${this.#request.load}; replay the parts in order of time`,
    );
  }
}
