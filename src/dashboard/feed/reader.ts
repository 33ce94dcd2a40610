/** Reads the store into the state, round by round: streams as they grow, the account and the components each time, symbols in turns. */
import { keyOf, KEYS } from '../../contract/keys.ts';
import { decodeDisarmed } from '../../contract/governor-records.ts';
import { situation, type Situation } from '../../ops/governor/operation.ts';
import { collectComponents, collectPaces, INPUT_STREAMS, type StreamPace } from '../../ops/status-collect.ts';
import { idMs, type HashAnswer, type Store, type StoreFacts } from '../../store/store.ts';
import { accountIn, accountRequests, type AccountReading } from './account.ts';
import {
  CHECKED_OUTSTANDING,
  FEW_SYMBOLS,
  MAX_EXECUTIONS,
  MAX_LOOKED_BACK,
  SWEEP_MS,
  SYMBOLS_A_SECOND,
  SYMBOLS_A_STEP,
} from './bounds.ts';
import { Pace } from './paces.ts';
import { hashRequests, readHashes, REQUESTS_A_SYMBOL } from './symbol-hashes.ts';
import { StreamTail, type TailedStream } from './tail.ts';
import type { Settings } from '../../core/settings.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Readings } from './overview.ts';
import type { FeedState } from './state.ts';
import type { Trading } from '../wire.ts';

export interface ReaderOptions {
  readonly store: Store;
  readonly namespace: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly everyMs: number;
  /** From ballast.config.json; the operators' hashes go before. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly clusters: ReadonlyMap<string, string>;
  readonly log: (message: string) => void;
}

export type Round = Readings & {
  readonly counted: AccountReading['counted'];
  /** Everything that is counted in the account was read. */
  readonly isWhole: boolean;
};

/** Names are looked at so often: symbols, aliases, clusters. */
const NAMES_EVERY_MS = 4000;

export class StoreReader {
  readonly #options: ReaderOptions;
  readonly #state: FeedState;
  readonly #tail: StreamTail;
  readonly #paces = new Map<string, Pace>();
  #firstPaces: readonly StreamPace[] | null = null;
  #facts: StoreFacts | null = null;
  #namesMs = -Infinity;
  #knownCount = -1;
  /** Symbols in the order they are read, and whose turn it is. */
  #turns: readonly string[] = [];
  #turn = 0;
  #hasSwept = false;

  constructor(options: ReaderOptions, state: FeedState) {
    this.#options = options;
    this.#state = state;
    this.#tail = new StreamTail(tailedStreams(options.namespace, state), options);
  }

  /** Rejects with `StoreError` where the store does not answer; what was read before that is in the state. */
  async round(): Promise<Round> {
    const { store, namespace, settings } = this.#options;
    await this.#readNames();
    // The account before what it is counted from: nothing is counted then that was not read.
    const looked = await situation({ store, namespace }, accountRequests(namespace));
    const nowMs = await this.#tail.round();
    const trading = await this.#trading(looked);
    this.#state.disarm(trading.disarmed);
    const components = await collectComponents(store, namespace);
    this.#facts ??= await store.facts();
    const paces = await this.#readPaces(nowMs);
    await this.#sweep(components.nowMs / 1000);
    const reading = accountIn(looked.hashes, looked.nowMs / 1000, settings.STALE_DATA_SEC);
    return {
      nowSec: components.nowMs / 1000,
      facts: this.#facts,
      components,
      portfolio: looked.hashes[0] ?? null,
      paces,
      trading,
      account: reading?.account ?? null,
      counted: reading?.counted ?? null,
      isWhole: this.#hasRead(reading?.counted ?? null),
    };
  }

  async #readNames(): Promise<void> {
    const { store, namespace, clock, aliases, clusters } = this.#options;
    if (clock.monotonicMs() - this.#namesMs < NAMES_EVERY_MS) return;
    const [ownAliases, ownClusters] = await store.hashes([
      { key: keyOf(namespace, 'symbolAliases'), fields: null },
      { key: keyOf(namespace, 'symbolClusters'), fields: null },
    ]);
    const state = this.#state;
    state.aliases = joined(state.aliases, aliases, ownAliases ?? null);
    const named = [...(ownClusters ?? [])].filter(([, cluster]) => cluster !== '');
    const before = state.clusters;
    state.clusters = joined(before, clusters, new Map(named));
    if (state.clusters !== before) state.touchAll();
    const known = await store.knownSymbols(this.#knownCount);
    this.#namesMs = clock.monotonicMs();
    if (known === null) return;
    state.meet(known, known.length < this.#knownCount);
    this.#knownCount = known.length;
  }

  #hasRead(counted: AccountReading['counted']): boolean {
    const { namespace } = this.#options;
    return (['executions', 'cashflows'] as const).every((name) => {
      const id = counted?.[name] ?? null;
      return id === null || this.#tail.hasRead(keyOf(namespace, name), id);
    });
  }

  async #trading({ state, trading, nowMs }: Situation): Promise<Trading> {
    const { flag, latched, disarmed } = trading;
    const { change } = this.#state.events;
    // Set by hand, and not noted by a governor yet: the change before it is not the reason.
    const isNoted = change?.state === state;
    return {
      state,
      flag: flag.kind === 'text' ? flag.text : null,
      flag_error: flag.kind === 'text' ? null : flag.error,
      latched,
      since: isNoted ? change.since : null,
      by: isNoted ? change.by : null,
      why: isNoted ? change.why : null,
      disarmed: [...disarmed]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([symbol, text]) => {
          const told = decodeDisarmed(text);
          return { symbol, reason: told?.reason ?? null, since: told?.timestamp ?? null };
        }),
      outstanding: await this.#outstanding(nowMs / 1000),
    };
  }

  /** A plain GETDEL is told by nobody: as long as they are few, the permits themselves are looked for. */
  async #outstanding(nowSec: number): Promise<Trading['outstanding']> {
    const told = this.#state.events.outstanding(nowSec);
    if (told === null) return null;
    const plans = [...told];
    const isChecked = plans.length <= CHECKED_OUTSTANDING;
    const found =
      isChecked && plans.length > 0
        ? await this.#options.store.permits.find(plans.map(([planId]) => planId))
        : [];
    const there = isChecked ? plans.filter((_, i) => found[i]!.permit !== null) : plans;
    const exits = there.filter(([, { isExit }]) => isExit).length;
    return { openings: there.length - exits, exits };
  }

  async #readPaces(nowMs: number): Promise<StreamPace[]> {
    const { store, namespace } = this.#options;
    this.#firstPaces ??= await collectPaces(store, namespace, nowMs);
    const first = this.#firstPaces;
    return INPUT_STREAMS.flatMap((name) => {
      const facts = this.#tail.facts(keyOf(namespace, name));
      if (facts === null || facts.added === 0) return [];
      const input = KEYS[name].pattern.slice('stream:'.length);
      const pace = this.#paces.get(input) ?? new Pace();
      this.#paces.set(input, pace);
      pace.note(nowMs, facts.added, () => first.find((one) => one.input === input)?.perMinute ?? 0);
      const perMinute = pace.perMinute(nowMs);
      return [{ input, length: facts.length, newestMs: idMs(facts.lastId), perMinute }];
    });
  }

  /** Reads the hashes of the symbols whose turn it is; the first time of as many as there is time for. */
  async #sweep(nowSec: number): Promise<void> {
    const { store, namespace, clock, everyMs } = this.#options;
    const { book, touched } = this.#state;
    if (this.#turn >= this.#turns.length) [this.#turns, this.#turn] = [book.names(), 0];
    const share = Math.ceil((this.#turns.length * everyMs) / SWEEP_MS);
    const most = this.#hasSwept ? Math.ceil((SYMBOLS_A_SECOND * everyMs) / 1000) : FIRST_SYMBOLS;
    let left = this.#hasSwept ? Math.max(FEW_SYMBOLS, Math.min(share, most)) : most;
    this.#hasSwept ||= this.#turns.length > 0;
    while (left > 0 && this.#turn < this.#turns.length) {
      const symbols = this.#turns.slice(this.#turn, this.#turn + Math.min(left, SYMBOLS_A_STEP));
      const answers = await store.hashes(symbols.flatMap((symbol) => hashRequests(namespace, symbol)));
      for (const [i, symbol] of symbols.entries()) {
        const own = answers.slice(i * REQUESTS_A_SYMBOL, (i + 1) * REQUESTS_A_SYMBOL);
        book.read(symbol, readHashes(own), nowSec);
        touched.add(symbol);
      }
      this.#turn += symbols.length;
      left -= symbols.length;
      await clock.breathe();
    }
  }
}

/** Before the first snapshot so many symbols are read, so that it is no empty table. */
const FIRST_SYMBOLS = 2000;

function tailedStreams(namespace: string, state: FeedState): TailedStream[] {
  const { book, events } = state;
  const whole = 10_000;
  return [
    {
      key: keyOf(namespace, 'executions'),
      newest: MAX_EXECUTIONS,
      apply: (entries) => state.applyExecutions(entries),
    },
    {
      key: keyOf(namespace, 'cashflows'),
      newest: MAX_LOOKED_BACK,
      apply: (entries) => state.applyCashflows(entries),
    },
    {
      key: keyOf(namespace, 'regimes'),
      newest: MAX_LOOKED_BACK,
      apply: (entries) => state.applyRegimes(entries),
    },
    { key: keyOf(namespace, 'plans'), newest: 0, apply: () => undefined },
    { key: keyOf(namespace, 'results'), newest: 0, apply: () => undefined },
    { key: keyOf(namespace, 'governorEvents'), newest: whole, apply: (entries) => events.apply(entries) },
    {
      key: keyOf(namespace, 'budgetViolations'),
      newest: whole,
      apply: (entries) => events.applyViolations(entries),
    },
    {
      key: keyOf(namespace, 'efficiencies'),
      newest: whole,
      apply: (entries) => book.applyEfficiencies(entries),
    },
    {
      key: keyOf(namespace, 'attributions'),
      newest: whole,
      apply: (entries) => book.applyAttributions(entries),
    },
    {
      key: keyOf(namespace, 'allocations'),
      newest: whole,
      apply: (entries) => book.applyAllocations(entries),
    },
    { key: keyOf(namespace, 'proposals'), newest: whole, apply: (entries) => book.applyProposals(entries) },
  ];
}

/** The same map where nothing changed. */
function joined(
  before: ReadonlyMap<string, string>,
  configured: ReadonlyMap<string, string>,
  own: HashAnswer,
): ReadonlyMap<string, string> {
  const after = new Map([...configured, ...(own ?? [])]);
  const isSame = after.size === before.size && [...after].every(([name, to]) => before.get(name) === to);
  return isSame ? before : after;
}
