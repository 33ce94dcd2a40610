/** What the governor does once a second: signs of life, what became of its permits, positions, gaps, and the commit. */
import { symbolOf } from './desk.ts';
import { fatesOf } from './fates.ts';
import { positionRequest, portfolioRequest, REQUESTS_A_SYMBOL, symbolRequests } from './plan-view.ts';
import { keyOf, partOfKey } from '../../contract/keys.ts';
import { formatDecimal } from '../../contract/decimal.ts';
import { encodePositions, inspect } from '../../runtime/positions.ts';
import { compareIds, idMs } from '../../store/store.ts';
import type { Input, LoopOptions, LoopOutcome } from './loop-options.ts';
import type { HashRequest } from '../../store/store.ts';
import type { Look } from '../../store/permits.ts';

const EVERY_MS = 1000;
/** Positions looked at in one go. */
const POSITIONS_AT_ONCE = 500;
/** So many open permits are all looked after; of more, those whose time is nearly over. */
const WATCHED_PERMITS = 200;
const NEARLY_OVER_SEC = 2;

/** The loop, as its chores see it. */
export interface Working {
  readonly options: LoopOptions;
  readonly inputs: readonly Input[];
  /** Steps and commits so far. */
  sequence: number;
  look(requests: readonly HashRequest[]): Promise<Look>;
}

export class Chores {
  readonly #loop: Working;
  #doneMs = -Infinity;
  #nextSymbol = 0;
  #knownSymbols = 0;
  #cursor = '0';
  #hasBegun = false;
  #claimedMs = -Infinity;
  /** Plans whose permit was found to be taken without a word. */
  readonly #taken: string[] = [];

  constructor(loop: Working) {
    this.#loop = loop;
  }

  /** How long until there is something to do again. */
  idleMs(): number {
    return Math.max(0, this.#doneMs + EVERY_MS - this.#loop.options.clock.monotonicMs());
  }

  /** Plans whose permit was taken, of those that may still be: before what is outstanding is voided, which they are not. */
  async noteTaken(): Promise<void> {
    await this.findTaken([...this.#loop.options.desk.permits.open()]);
  }

  async run(signal: AbortSignal): Promise<LoopOutcome | null> {
    if (this.idleMs() > 0 || signal.aborted) return null;
    const { store, owner, held, clock, desk } = this.#loop.options;
    this.#doneMs = clock.monotonicMs();
    const claims = await store.claim(owner, [held.component]);
    if (claims.held[0]?.epoch !== held.epoch) return 'fenced';
    await this.inspect();
    // The first time everything is looked at: limits of the whole account hold all positions.
    do {
      await this.#discover();
      await this.#signOfLife();
    } while (!this.#hasBegun && this.#cursor !== '0');
    do await this.#lookAround();
    while (!this.#hasBegun && this.#nextSymbol < desk.symbols.size);
    this.#hasBegun = true;
    await this.#endPermits();
    return (await this.commit()) ? null : 'fenced';
  }

  /** What takes long at the beginning must not look like an end to whoever stands by. */
  async #signOfLife(): Promise<void> {
    const { store, owner, held, clock } = this.#loop.options;
    if (clock.monotonicMs() - this.#claimedMs < EVERY_MS) return;
    this.#claimedMs = clock.monotonicMs();
    await store.claim(owner, [held.component]);
  }

  /** Permits of plans that failed, before anything is judged on the counters they are out of: they are void, unless they were taken. */
  async endFailed(): Promise<void> {
    const { store, desk } = this.#loop.options;
    const untaken: [planId: string, expiresAt: number][] = [];
    for (const planId of desk.takeFailed()) {
      const record = desk.governor.permit(planId, desk.nowSec);
      if (record !== null && record.takenAt === null && !record.voided)
        untaken.push([planId, record.expiresAt]);
    }
    if (untaken.length === 0) return;
    const taken = await this.findTaken(untaken);
    const ended = untaken.flatMap(([planId]) =>
      taken.has(planId) ? [] : [{ planId, outcome: 'voided' as const }],
    );
    for (const [planId] of untaken) desk.permits.close(planId);
    if (ended.length > 0) await store.permits.settle(ended, formatDecimal(desk.nowSec));
  }

  /** Each input by itself: what is missing, how far behind, whether it can be read at all. */
  async inspect(): Promise<void> {
    const { store, desk } = this.#loop.options;
    const { inputs } = this.#loop;
    const reading = await store.read(
      inputs.map(({ stream, position }) => ({ stream, after: position.after, count: 1 })),
    );
    reading.streams.forEach(({ error, entries, facts }, i) => {
      const input = inputs[i]!;
      const wasReadable = input.isReadable;
      input.isReadable = error === null;
      if (wasReadable !== input.isReadable)
        desk.options.listener.inputState(
          input.name,
          error === null ? 'readable' : 'unreadable',
          error ?? 'it can be read again',
        );
      if (error !== null) return;
      const { position, gap } = inspect(input.position, facts);
      input.position = position;
      if (gap !== null) desk.options.listener.gap(input.name, gap);
      const waiting = entries[0];
      input.lagSec = waiting === undefined ? 0 : Math.max(0, (reading.nowMs - idMs(waiting.id)) / 1000);
    });
    this.#suspendWhereBlind(inputs);
  }

  async commit(): Promise<boolean> {
    const { store, owner, held, desk, givenUp, guard, clock, pace } = this.#loop.options;
    const inputs = encodePositions(new Map(this.#loop.inputs.map(({ name, position }) => [name, position])));
    const { part, outputs } = desk.changes(!guard.isTripped(clock.monotonicMs()));
    const result = await store.commit({
      owner,
      parts: [
        { ...part, epoch: held.epoch, sequence: this.#loop.sequence, meta: [...part.meta, 'inputs', inputs] },
      ],
      outputs,
    });
    if (result.outcome === 'fenced') return false;
    this.#loop.sequence++;
    pace.backoff.reset();
    const plansAt = this.#loop.inputs.find(({ kind }) => kind === 'plans')!.position.after;
    // Those that were read are never read again.
    for (const entryId of givenUp) if (compareIds(entryId, plansAt) <= 0) givenUp.delete(entryId);
    for (const { key, error } of result.refused) desk.options.listener.outputRefused(key, error);
    return true;
  }

  /** Of plans and the end of their permits' time, those whose permit was taken, as the store shows it: through Ballast, or with a plain `GETDEL`. */
  async findTaken(
    open: readonly (readonly [planId: string, expiresAt: number])[],
  ): Promise<ReadonlySet<string>> {
    const { store, desk } = this.#loop.options;
    const taken = new Set<string>();
    const asked = open.map(([planId, expiresAt]) => ({ planId, expiresAt }));
    for (const [planId, fate] of await fatesOf(asked, store)) {
      if (fate.kind !== 'taken') continue;
      desk.applyTaken(planId, fate.at, fate.how);
      if (fate.how === 'getdel') this.#taken.push(planId);
      taken.add(planId);
    }
    return taken;
  }

  /** Executions that cannot be read hide losses: nothing may be opened on what they might say. */
  #suspendWhereBlind(inputs: readonly Input[]): void {
    const { governor } = this.#loop.options.desk;
    const blind = inputs.find(({ kind, isReadable }) => kind === 'executions' && !isReadable);
    governor.blind = blind === undefined ? null : `${blind.name} cannot be read`;
  }

  /** Symbols others know of, and positions nobody traded. */
  async #discover(): Promise<void> {
    const { store, desk, namespace } = this.#loop.options;
    const known = await store.knownSymbols(this.#knownSymbols);
    if (known !== null) {
      this.#knownSymbols = known.length;
      for (const symbol of known) if (!desk.isFull(symbol)) desk.meet(symbol);
    }
    const step = await store.scan(`${namespace}:position:snapshot:`, this.#cursor);
    this.#cursor = step.cursor;
    for (const key of step.keys) {
      const part = partOfKey(namespace, 'position', key);
      const symbol = part === null ? null : symbolOf(part, new Map());
      if (symbol !== null && !desk.isFull(symbol)) desk.meet(symbol);
    }
  }

  /** Names and account, and the positions of some symbols after the other; their budgets and targets too where missing them would block. */
  async #lookAround(): Promise<void> {
    const { desk, namespace } = this.#loop.options;
    const symbols = [...desk.symbols.all()];
    const from = this.#nextSymbol < symbols.length ? this.#nextSymbol : 0;
    const some = symbols.slice(from, from + POSITIONS_AT_ONCE);
    this.#nextSymbol = from + some.length;
    const isArmed = desk.options.settings.GOV_ARMED_GATES === 'closed';
    const requestsOf = (name: string): readonly HashRequest[] =>
      isArmed ? symbolRequests(namespace, name) : [positionRequest(namespace, name)];
    const { hashes } = await this.#loop.look([
      { key: keyOf(namespace, 'symbolAliases'), fields: null },
      portfolioRequest(namespace),
      ...some.flatMap((symbol) => requestsOf(desk.symbols.name(symbol))),
    ]);
    desk.aliases = new Map([...desk.options.aliases, ...(hashes[0] ?? [])]);
    desk.applyPortfolio(hashes[1] ?? null);
    const each = isArmed ? REQUESTS_A_SYMBOL : 1;
    some.forEach((symbol, i) => {
      const answers = hashes.slice(2 + i * each, 2 + (i + 1) * each);
      desk.applyPositionHash(symbol, answers[0] ?? null);
      if (isArmed) desk.readSymbol(symbol, answers);
    });
  }

  /** Permits that ran out, and those that someone took without saying so. */
  async #endPermits(): Promise<void> {
    const { store, desk } = this.#loop.options;
    const { permits, governor, nowSec, symbols } = desk;
    const ended: { planId: string; outcome: 'expired' | 'used' }[] = [];
    const watched: [planId: string, expiresAt: number][] = [];
    const watchesAll = permits.openCount <= WATCHED_PERMITS;
    for (const [planId, expiresAt] of permits.open()) {
      const record = governor.permit(planId, nowSec);
      if (record === null || record.takenAt !== null || record.voided) permits.close(planId);
      else if (record.failed) permits.close(planId);
      else if (nowSec > expiresAt) {
        permits.close(planId);
        ended.push({ planId, outcome: 'expired' });
        desk.options.listener.expired(planId, symbols.name(record.symbol));
      } else if (watchesAll || expiresAt - nowSec < NEARLY_OVER_SEC) watched.push([planId, expiresAt]);
    }
    await this.findTaken(watched);
    for (const planId of this.#taken.splice(0)) ended.push({ planId, outcome: 'used' });
    if (ended.length > 0) await store.permits.settle(ended, formatDecimal(nowSec));
  }
}
