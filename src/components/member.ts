/** One component inside a machine: what it keeps over a restart and what it shows the world. */
import { KeptRecords } from './kept-records.ts';
import { Publisher } from './publisher.ts';
import { rowLayout } from './rows.ts';
import { SeenChunks } from './seen-chunks.ts';
import { windowTail } from './window-tail.ts';
import { encode } from '../contract/encode.ts';
import { REGIMES } from '../core/context/context.ts';
import { joinFed } from '../core/portfolio/portfolio.ts';
import { tickAtOrAfter } from '../core/tick.ts';
import { readCommitted } from '../runtime/committed.ts';
import type { SavedComponent } from '../store/store.ts';
import type { PortfolioState } from '../core/portfolio/portfolio.ts';
import type { LivePipeline } from '../core/pipeline/live.ts';
import type { Mode } from '../core/settings.ts';
import type { ComponentChanges } from '../runtime/machine.ts';
import type { Declaration } from './declarations.ts';
import type { EffectiveMode } from './modes.ts';

/** Counts up with every change of what is committed. */
export const KEPT_VERSION = 1;

export class Member {
  readonly declaration: Declaration;
  readonly publisher: Publisher;
  readonly #live: LivePipeline;
  readonly #records: KeptRecords;
  readonly #seen = new SeenChunks();
  mode: EffectiveMode;
  /** The mode a process before this one committed last; null: none did. */
  modeBefore: Mode | null = null;
  /** Symbols that were committed before this process began. */
  readonly restored: number[] = [];
  /** The newest tick made; 0: none. */
  tick = 0;

  constructor(declaration: Declaration, live: LivePipeline, namespace: string, mode: EffectiveMode) {
    const { engine } = live;
    this.declaration = declaration;
    this.#live = live;
    this.mode = mode;
    const tail = declaration.name === 'attribution' ? windowTail(engine) : null;
    this.#records = new KeptRecords(engine, rowLayout(declaration.name, engine), tail);
    this.publisher = new Publisher(declaration, engine, namespace, mode.mode);
  }

  get #slot(): number {
    return this.#live.components.indexOf(this.declaration.ticking);
  }

  /** Its next tick, Unix seconds. */
  get next(): number {
    return this.#live.next[this.#slot]!;
  }

  /**
   * Puts back what was committed; of what it shares with others, the last one's counts. Throws `StoreError` (unusable)
   * where that is of another version or unreadable.
   */
  restore(saved: SavedComponent): void {
    const { name, inputs } = this.declaration;
    readCommitted(name, () => {
      this.#restore(saved);
      const ids = this.#seen.restore(saved.seen);
      if (inputs.includes('executions')) this.#live.remember(ids);
    });
  }

  changes(touched: ReadonlySet<number>, newIds: readonly string[]): ComponentChanges {
    const { name, inputs } = this.declaration;
    return {
      component: name,
      meta: this.#meta(),
      records: this.#records.changed(this.tick, touched),
      ...this.#seen.add(inputs.includes('executions') ? newIds : []),
    };
  }

  /** Clusters have other numbers now: `moved` gives each old one's new. */
  moveClusters(moved: Int32Array): void {
    this.#records.moveClusters(moved);
  }

  /** Everything it would need to go on from here, whether or not it is committed. */
  whole(): SavedComponent {
    const meta = this.#meta();
    return {
      sequence: 0,
      meta: new Map(Array.from({ length: meta.length / 2 }, (_, i) => [meta[2 * i]!, meta[2 * i + 1]!])),
      records: new Map(this.#records.all(this.tick)),
      seen: this.declaration.inputs.includes('executions') ? [JSON.stringify(this.#live.seen.save())] : [],
    };
  }

  #meta(): string[] {
    const { engine, next, lastEventTs } = this.#live;
    const { keepsPortfolio, keepsWorld, name } = this.declaration;
    const meta: [string, unknown][] = [
      ['version', KEPT_VERSION],
      ['tick', this.tick],
      ['next', next[this.#slot]],
      ['last_event_ts', lastEventTs],
      ['symbols', engine.symbols.all().length],
    ];
    if (keepsPortfolio) meta.push(['portfolio', engine.portfolio]);
    if (keepsWorld) meta.push(['general', engine.context.general], ['stress', this.#stress()]);
    if (name === 'budget') meta.push(['account', engine.budget.account]);
    const texts = meta.flatMap(([field, value]) => [field, encode(value)]);
    return [...texts, 'mode', this.mode.mode, 'mode_why', this.mode.why];
  }

  #stress(): Map<string, readonly number[]> {
    const { clusters, stressTs, stress } = this.#live.engine.context;
    const all = new Map<string, readonly number[]>();
    for (let id = 0; id < clusters.size; id++)
      if (stressTs[id]! > 0) all.set(clusters.name(id), [stressTs[id]!, stress[id]!]);
    return all;
  }

  #restore({ meta, records }: SavedComponent): void {
    const { engine, next } = this.#live;
    const version = meta.get('version');
    if (version !== String(KEPT_VERSION))
      throw new RangeError(
        `it is of version ${version ?? 'none'}, this program reads version ${KEPT_VERSION}; run the program that wrote it`,
      );
    this.tick = readNumber(meta, 'tick');
    // The interval may be another one now.
    next[this.#slot] = tickAtOrAfter(readNumber(meta, 'next'), this.#live.intervals[this.#slot]!);
    this.#live.lastEventTs = Math.max(this.#live.lastEventTs, readNumber(meta, 'last_event_ts'));
    const mode = meta.get('mode');
    this.modeBefore = mode === 'enforce' || mode === 'shadow' ? mode : null;
    const portfolio = meta.get('portfolio');
    if (portfolio !== undefined)
      engine.portfolio = joinFed(JSON.parse(portfolio) as PortfolioState, engine.portfolio);
    const account = meta.get('account');
    if (account !== undefined) engine.budget.account = JSON.parse(account) as typeof engine.budget.account;
    const general = meta.get('general');
    // Whoever does not read regimes itself may hold an old one.
    if (general !== undefined && this.declaration.inputs.includes('regimes'))
      engine.context.general = readGeneral(general);
    this.#restoreStress(meta.get('stress'));
    this.#records.restore(records, this.tick);
    for (const name of records.keys()) this.restored.push(engine.symbolId(name));
  }

  #restoreStress(text: string | undefined): void {
    if (text === undefined) return;
    const { context } = this.#live.engine;
    for (const [cluster, [ts, stress]] of Object.entries(
      JSON.parse(text) as Record<string, [number, number]>,
    )) {
      const id = context.clusterId(cluster);
      if (ts < context.stressTs[id]!) continue;
      context.stressTs[id] = ts;
      context.stress[id] = stress;
    }
  }
}

function readNumber(meta: ReadonlyMap<string, string>, field: string): number {
  const value = Number(meta.get(field) ?? NaN);
  if (!Number.isFinite(value)) throw new RangeError(`${field} holds ${meta.get(field) ?? 'nothing'}`);
  return value;
}

function readGeneral(text: string): { ts: number; regime: number; confidence: number } {
  const general = JSON.parse(text) as { ts: number; regime: number; confidence: number };
  if (REGIMES[general.regime] === undefined) throw new RangeError(`general holds regime ${general.regime}`);
  return general;
}
