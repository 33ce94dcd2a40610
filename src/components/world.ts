/**
 * What other programs keep as hashes, looked at before every tick in one round trip: account, markets, positions, stress,
 * the operators' names and modes, and the records of components that do not run here. What changed becomes events, as
 * replay reads them from a file.
 */
import { decodeEntry } from '../contract/decode.ts';
import {
  keyOf,
  KEYS,
  partOfKey,
  shadowKeyOf,
  withoutShadow,
  type KeyName,
  type ShadowedKey,
} from '../contract/keys.ts';
import { canonicalSymbol } from '../contract/symbol.ts';
import { FOREIGN_FIELDS, readForeign } from './foreign-records.ts';
import { UNKNOWN } from '../core/context/context.ts';
import type { EventType, InputEvent } from '../core/event.ts';
import { TICKING, type Ticking } from '../core/pipeline/ticking.ts';
import type { LivePipeline } from '../core/pipeline/live.ts';
import type { Mode, Settings } from '../core/settings.ts';
import type { RejectReason } from '../contract/reject.ts';
import type { HashAnswer, HashRequest } from '../store/store.ts';

/** What the world tells the machine. */
export interface WorldListener {
  event(event: InputEvent): void;
  /** The operators' hash of modes. */
  modes(hash: HashAnswer): void;
  refused(key: string, reason: RejectReason, detail: string): void;
  record(component: Ticking, symbol: string, mode: Mode, ts: number, values: readonly number[]): void;
}

export interface WorldOptions {
  readonly namespace: string;
  readonly live: LivePipeline;
  /** From ballast.config.json; the operators' hashes go before. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly clusters: ReadonlyMap<string, string>;
  readonly listener: WorldListener;
}

interface Look extends HashRequest {
  readonly use: (answer: HashAnswer, nowSec: number) => void;
}

const HASH_OF: { readonly [Name in Ticking]: KeyName } = {
  budget: 'budget',
  attribution: 'attribution',
  allocation: 'target',
  efficiency: 'efficiency',
  proposal: 'proposal',
};
const MARKET_FIELDS = ['mark_price', 'vol_regime', 'sigma', 'timestamp'];
export const POSITION_FIELDS = ['position_amt', 'mark_price', 'notional_usd', 'timestamp'];
export const PORTFOLIO_FIELDS = ['equity_usd', 'drawdown', 'heat', 'timestamp'];

export class World {
  readonly #options: WorldOptions;
  readonly #settings: Settings;
  readonly #own: ReadonlySet<Ticking>;
  /** Symbols and clusters looked at since the last complete look. */
  readonly #lookedAt = new Set<string>();
  /** What a hash held when it was used last, or why it could not be. */
  readonly #last = new Map<string, string>();
  #looks: Look[] = [];
  #knowsClusters = false;
  aliases: ReadonlyMap<string, string>;
  #clusters: ReadonlyMap<string, string>;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#settings = options.live.engine.settings;
    this.#own = new Set(options.live.components);
    this.aliases = options.aliases;
    this.#clusters = options.clusters;
  }

  requests(which: 'names' | 'all' | 'new'): readonly HashRequest[] {
    this.#looks = [];
    if (which === 'all') this.#lookedAt.clear();
    if (which !== 'new') this.#lookAtNames();
    if (which === 'all') this.#lookAtAccount();
    if (which !== 'names') {
      this.#lookAtClusters();
      this.#lookAtSymbols();
    }
    return this.#looks;
  }

  absorb(answers: readonly HashAnswer[], nowSec: number): void {
    this.#looks.forEach((look, i) => look.use(answers[i] ?? null, nowSec));
    this.#looks = [];
  }

  /** A symbol the engine has just met: it gets its configured cluster. */
  meet(name: string): void {
    const cluster = this.#clusters.get(name);
    if (cluster !== undefined) this.#configure(name, cluster);
  }

  #configure(symbol: string, cluster: string): void {
    const { live, listener } = this.#options;
    // An empty name is none: kept over a restart it could not be told from that.
    const named = cluster === '' ? 'UNKNOWN' : cluster;
    listener.event({ type: 'cluster', ts: live.lastEventTs, symbol, cluster: named });
  }

  /** The symbol a found key is about, where a component of this process reads such keys; else null. */
  symbolOfKey(key: string): string | null {
    const { namespace } = this.#options;
    const plain = withoutShadow(namespace, key);
    for (const name of this.#readKinds()) {
      const part = partOfKey(namespace, name, plain);
      if (part !== null) return canonicalSymbol(part, NO_ALIASES) === part ? part : null;
    }
    return null;
  }

  /** The kinds of keys by symbol that are read without their symbol being known from executions. */
  #readKinds(): KeyName[] {
    const upstream = TICKING.filter((component) => this.#reads(component)).map((name) => HASH_OF[name]);
    return this.#own.has('budget') ? ['position', ...upstream] : upstream;
  }

  #lookAtNames(): void {
    const { namespace, listener } = this.#options;
    this.#look(keyOf(namespace, 'modes'), null, (answer) => listener.modes(answer));
    this.#look(keyOf(namespace, 'symbolAliases'), null, (answer) => {
      if (!this.#changed('aliases', answer)) return;
      this.aliases = new Map([...this.#options.aliases, ...(answer ?? [])]);
    });
    this.#look(keyOf(namespace, 'symbolClusters'), null, (answer) => {
      const isFirst = !this.#knowsClusters;
      this.#knowsClusters = true;
      if (!this.#changed('clusters', answer) && !isFirst) return;
      const named = [...(answer ?? [])].filter(([, cluster]) => cluster !== '');
      this.#configureClusters(new Map([...this.#options.clusters, ...named]));
    });
  }

  /** Every symbol that is known gets its cluster, also one that was restored with another. */
  #configureClusters(clusters: ReadonlyMap<string, string>): void {
    const { symbols, context } = this.#options.live.engine;
    this.#clusters = clusters;
    for (const symbol of symbols.all()) {
      const name = symbols.name(symbol);
      const cluster = clusters.get(name) ?? UNKNOWN;
      if (context.clusterName(context.columns.configuredCluster.data[symbol]!) !== cluster)
        this.#configure(name, cluster);
    }
  }

  #lookAtAccount(): void {
    const needs =
      this.#own.has('budget') ||
      this.#own.has('allocation') ||
      (this.#own.has('attribution') && this.#settings.P30_PNL_SCALE.kind === 'equity');
    if (!needs) return;
    this.#lookAtState('portfolio', keyOf(this.#options.namespace, 'portfolio'), PORTFOLIO_FIELDS, {});
  }

  #lookAtClusters(): void {
    if (!this.#own.has('budget') && !this.#own.has('allocation')) return;
    const { namespace, live } = this.#options;
    const { clusters } = live.engine.context;
    for (let id = 0; id < clusters.size; id++) {
      const cluster = clusters.name(id);
      const key = keyOf(namespace, 'clusterStress', cluster);
      if (this.#isNew(key)) this.#lookAtState('cluster_stress', key, ['stress', 'timestamp'], { cluster });
    }
  }

  #lookAtSymbols(): void {
    const { namespace, live } = this.#options;
    const reads = TICKING.filter((component) => this.#reads(component));
    for (const id of live.engine.symbols.all()) {
      const symbol = live.engine.symbols.name(id);
      if (!this.#isNew(symbol)) continue;
      if (this.#own.has('budget')) {
        this.#lookAtState('market', keyOf(namespace, 'market', symbol), MARKET_FIELDS, { symbol });
        this.#lookAtState('position', keyOf(namespace, 'position', symbol), POSITION_FIELDS, { symbol });
      }
      for (const component of reads) this.#lookAtRecords(component, id, symbol);
    }
  }

  /** A component whose records some component here reads, and which does not itself write the enforced ones. */
  #reads(component: Ticking): boolean {
    const isRead = READERS[component].some((reader) => this.#own.has(reader));
    if (!isRead || (component === 'proposal' && !this.#settings.P29_APPLY_PROPOSED)) return false;
    if (!this.#own.has(component)) return true;
    return component !== 'budget' && component !== 'proposal' && this.#modeOf(component) === 'shadow';
  }

  #modeOf(component: Ticking): Mode {
    const { modes } = this.#options.live.engine;
    if (component === 'attribution') return modes.P30_MODE;
    return component === 'allocation' ? modes.P29_MODE : modes.P31_MODE;
  }

  #lookAtRecords(component: Ticking, id: number, symbol: string): void {
    const { namespace } = this.#options;
    const name = HASH_OF[component];
    this.#lookAtRecord(component, id, symbol, keyOf(namespace, name as 'budget', symbol), 'enforce');
    if (KEYS[name].hasShadow && !this.#own.has(component))
      this.#lookAtRecord(
        component,
        id,
        symbol,
        shadowKeyOf(namespace, name as ShadowedKey, symbol),
        'shadow',
      );
  }

  #lookAtRecord(component: Ticking, id: number, symbol: string, key: string, place: Mode): void {
    const { live, listener } = this.#options;
    const upstream = live.upstreams[component];
    this.#look(key, FOREIGN_FIELDS[component], (answer, nowSec) => {
      const record = answer === null ? null : readForeign(component, answer, nowSec);
      if (record !== null && record.ts === null && this.#changed(key, answer))
        listener.refused(key, record.reason, record.detail);
      // A budget has one key and says its mode itself.
      const mode =
        component === 'budget' ? (record === null || record.ts === null ? null : record.mode) : place;
      for (const each of ['enforce', 'shadow'] as const) {
        if (component !== 'budget' && each !== place) continue;
        const isThere = record !== null && record.ts !== null && mode === each;
        const [ts, values] = isThere ? [record.ts, record.values] : [0, NOTHING];
        if (upstream.set(id, each, ts, values)) listener.record(component, symbol, each, ts, values);
      }
    });
  }

  /** A hash that becomes an event whenever it changes. It has to say when it was written: else it would never grow old. */
  #lookAtState(
    type: EventType,
    key: string,
    fields: readonly string[],
    names: Readonly<Record<string, string>>,
  ): void {
    this.#look(key, fields, (answer, nowSec) => {
      if (answer === null || !this.#changed(key, answer)) return;
      const { listener, live } = this.#options;
      if (!answer.has('timestamp')) return listener.refused(key, 'missing_time', 'timestamp is missing');
      const given = { ...Object.fromEntries(answer), ...names };
      const decoded = decodeEntry(type, given, nowSec, { aliases: NO_ALIASES });
      if (decoded.event === null)
        return listener.refused(key, decoded.rejection.reason, decoded.rejection.detail);
      // It is there before the next tick; a missed one uses it as found.
      listener.event({ ...decoded.event, ts: Math.max(live.nextTick, live.lastEventTs) });
    });
  }

  #look(key: string, fields: readonly string[] | null, use: Look['use']): void {
    this.#looks.push({ key, fields, use });
  }

  #isNew(name: string): boolean {
    if (this.#lookedAt.has(name)) return false;
    this.#lookedAt.add(name);
    return true;
  }

  #changed(key: string, answer: HashAnswer): boolean {
    const text = answer === null ? '' : JSON.stringify([...answer]);
    if ((this.#last.get(key) ?? '') === text) return false;
    this.#last.set(key, text);
    return true;
  }
}

/** Who reads whose records. */
const READERS: { readonly [Name in Ticking]: readonly Ticking[] } = {
  budget: ['allocation'],
  attribution: ['allocation', 'efficiency'],
  allocation: ['efficiency', 'proposal'],
  efficiency: ['proposal'],
  proposal: ['allocation'],
};
const NO_ALIASES: ReadonlyMap<string, string> = new Map();
const NOTHING: readonly number[] = [0, 0, 0];
