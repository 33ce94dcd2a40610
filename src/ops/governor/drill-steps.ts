/**
 * The steps that have to be atomic, done for real on a store that nobody else uses: each is said with what has to come of it
 * and what came. The permits are unsigned and say `dry_run`: nobody could act on one.
 */
import { drillPermit } from './drill-permit.ts';
import { encodeBlock, encodeDisarmed, encodePermitReply } from '../../contract/governor-records.ts';
import { keyOf } from '../../contract/keys.ts';
import { stateOf } from './operation.ts';
import { StoreError, type Ownership, type Store } from '../../store/store.ts';
import type { BlockStep, Step, StepsAnswer, Trading } from '../../store/permits.ts';

export interface DrillStep {
  readonly step: string;
  readonly expected: string;
  readonly found: string;
  readonly passed: boolean;
  readonly ms: number;
}

export async function drillSteps(store: Store, namespace: string): Promise<DrillStep[]> {
  const rig = new Rig(store, namespace);
  const done: DrillStep[] = [];
  for (const [step, expected, act] of stepsOf(rig)) {
    const startMs = performance.now();
    const found = await said(act);
    done.push({ step, expected, found, passed: found === expected, ms: performance.now() - startMs });
  }
  return done;
}

type DrilledStep = readonly [step: string, expected: string, act: () => Promise<string>];

function stepsOf(rig: Rig): readonly DrilledStep[] {
  return [
    ['claim the governor', 'claimed', () => rig.claim('one')],
    ['issue a permit', 'issued', () => rig.issue('a')],
    ['take it', 'taken', () => rig.take('a')],
    ['take it twice', 'refused: used', () => rig.take('a')],
    ['issue again for its plan', 'refused: permitted', () => rig.issue('a')],
    ['take a permit of dry_run', 'refused: dry_run', () => rig.issueAndTake('b', { isTakeable: false })],
    ['halt voids what is outstanding', 'HALTED, 3 voided', () => rig.haltOver('c', 'd')],
    ['a permit voided by halting cannot be taken', 'gone, refused: voided', () => rig.takeGone('c')],
    ['an exit voided by halting cannot be taken', 'gone, refused: voided', () => rig.takeGone('d')],
    ['issue what was judged before the halt', 'refused: moved', () => rig.issueJudgedBefore('e')],
    ['the flag deleted by hand re-arms nothing', 'HALTED', () => rig.afterFlag(null)],
    ['re-arm', 'ACTIVE, 0 voided', () => rig.switchTo('ACTIVE')],
    ['issue after re-arming', 'issued', () => rig.issue('f')],
    ['reduce voids openings', 'REDUCING, 1 voided', () => rig.reduceOver('g')],
    ['an opening voided by reducing cannot be taken', 'gone, refused: voided', () => rig.takeGone('f')],
    ['an exit is taken while reducing', 'taken', () => rig.take('g')],
    ['re-arm after reducing', 'ACTIVE, 0 voided', () => rig.switchTo('ACTIVE')],
    ['a symbol is disarmed', 'disarmed', () => rig.disarm()],
    ['issue what was judged before the disarming', 'refused: moved', () => rig.issueJudgedBefore('h')],
    ['the symbol is re-armed', 're-armed', () => rig.rearm()],
    ['a flag set by hand halts a take', 'refused: halted', () => rig.takeUnderFlag('i', '1')],
    ['a flag nobody understands halts a take', 'refused: halted', () => rig.takeUnderFlag('j', 'on')],
    ['a flag of another type halts a take', 'refused: halted', () => rig.takeUnderHash('k')],
    ['a key of another type refuses the permit', 'refused: refused, no permit', () => rig.issueOverHash('l')],
    ['a governor that lost its component is refused', 'refused: fenced', () => rig.issueFenced('m')],
  ];
}

/** What a step came to; a refusal of the store is one too. */
async function said(act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof StoreError) return `the store: ${error.message}`;
    throw error;
  }
}

interface DrillPlan {
  readonly isTakeable?: boolean;
  readonly reduces?: boolean;
}

const SYMBOL = 'DRILL';
const BY = { by: 'ballast drill', reason: 'drill' };

class Rig {
  readonly #store: Store;
  readonly #namespace: string;
  #owner = '';
  #held: Ownership | null = null;
  /** The trading state a plan was judged on before it changed. */
  #judgedOn: Trading | null = null;
  #entries = 0;

  constructor(store: Store, namespace: string) {
    this.#store = store;
    this.#namespace = namespace;
  }

  async claim(owner: string): Promise<string> {
    const { held } = await this.#store.claim(owner, ['governor']);
    if (held[0] === undefined) return 'not claimed';
    [this.#owner, this.#held] = [owner, held[0]];
    return 'claimed';
  }

  async issue(planId: string, plan: DrillPlan = {}): Promise<string> {
    return told(await this.#decide(await this.#issueStep(planId, plan)));
  }

  async take(planId: string): Promise<string> {
    const answer = await this.#store.permits.take(planId);
    return answer.taken ? 'taken' : `refused: ${answer.why}`;
  }

  async issueAndTake(planId: string, plan: DrillPlan): Promise<string> {
    const issued = await this.issue(planId, plan);
    return issued === 'issued' ? await this.take(planId) : issued;
  }

  /** A permit voided before its key could be read: it is gone, and cannot be taken. */
  async takeGone(planId: string): Promise<string> {
    return `${(await this.#isThere(planId)) ? 'there' : 'gone'}, ${await this.take(planId)}`;
  }

  async switchTo(state: 'ACTIVE' | 'REDUCING' | 'HALTED'): Promise<string> {
    this.#judgedOn = await this.#trading();
    const { permits } = this.#store;
    const changed = await permits.change({ kind: 'switch', state, ...BY });
    return `${changed.state}, ${changed.voided} voided`;
  }

  /** An opening, an exit, and what an earlier step left. */
  async haltOver(opening: string, exit: string): Promise<string> {
    const issued = [await this.issue(opening), await this.issue(exit, { reduces: true })];
    return issued.every((one) => one === 'issued') ? await this.switchTo('HALTED') : issued.join(', ');
  }

  async reduceOver(exit: string): Promise<string> {
    const issued = await this.issue(exit, { reduces: true });
    return issued === 'issued' ? await this.switchTo('REDUCING') : issued;
  }

  async issueJudgedBefore(planId: string): Promise<string> {
    return told(await this.#decide(await this.#issueStep(planId, {}, this.#judgedOn)));
  }

  async afterFlag(text: string | null): Promise<string> {
    await this.#store.setText(keyOf(this.#namespace, 'kill'), text);
    return stateOf(await this.#trading());
  }

  async takeUnderFlag(planId: string, text: string): Promise<string> {
    const issued = await this.issue(planId);
    if (issued !== 'issued') return issued;
    await this.afterFlag(text);
    const taken = await this.take(planId);
    await this.switchTo('ACTIVE');
    return taken;
  }

  async takeUnderHash(planId: string): Promise<string> {
    const issued = await this.issue(planId);
    if (issued !== 'issued') return issued;
    const key = keyOf(this.#namespace, 'kill');
    await this.#store.setText(key, null);
    await this.#store.writeFields(key, [['no', 'flag']]);
    const taken = await this.take(planId);
    await this.switchTo('ACTIVE');
    return taken;
  }

  async issueOverHash(planId: string): Promise<string> {
    const key = keyOf(this.#namespace, 'permitTimes', SYMBOL);
    await this.#store.setText(key, null);
    await this.#store.writeFields(key, [['no', 'list']]);
    const issued = await this.issue(planId);
    await this.#store.setText(key, null);
    return `${issued}, ${(await this.#isThere(planId)) ? 'a permit' : 'no permit'}`;
  }

  async disarm(): Promise<string> {
    this.#judgedOn = await this.#trading();
    const answer = await this.#decide(blockStep('disarming', this.#nextEntry(), this.#judgedOn));
    const { disarmed } = await this.#trading();
    return answer.stopped === null && disarmed.has(SYMBOL) ? 'disarmed' : told(answer);
  }

  async rearm(): Promise<string> {
    const rearmed = await this.#store.permits.rearm(SYMBOL, BY.by, BY.reason);
    const { disarmed } = await this.#trading();
    return rearmed.includes(SYMBOL) && disarmed.size === 0 ? 're-armed' : 'still disarmed';
  }

  /** Another takes over; what the first still wants to write is refused. */
  async issueFenced(planId: string): Promise<string> {
    const [owner, held] = [this.#owner, this.#held!];
    const step = await this.#issueStep(planId, {});
    await this.#store.release(owner, [held]);
    const claimed = await this.claim('two');
    if (claimed !== 'claimed') return claimed;
    [this.#owner, this.#held] = [owner, held];
    return told(await this.#decide(step));
  }

  async #issueStep(planId: string, plan: DrillPlan, judgedOn: Trading | null = null): Promise<Step> {
    const { nowMs, trading } = await this.#store.permits.look([]);
    const { isTakeable = true, reduces = false } = plan;
    return drillPermit({
      planId,
      symbol: SYMBOL,
      reduces,
      isTakeable,
      nowSec: nowMs / 1000,
      entryId: this.#nextEntry(),
      judgedOn: judgedOn ?? trading,
    });
  }

  async #decide(step: Step): Promise<StepsAnswer> {
    const sequence = (await this.#store.load('governor'))?.sequence ?? 0;
    const deciding = { owner: this.#owner, epoch: this.#held?.epoch ?? 0, sequence };
    return await this.#store.permits.decide(deciding, [step]);
  }

  async #trading(): Promise<Trading> {
    return (await this.#store.permits.look([])).trading;
  }

  async #isThere(planId: string): Promise<boolean> {
    const [found] = await this.#store.permits.find([planId]);
    return found!.permit !== null;
  }

  #nextEntry(): string {
    return `${++this.#entries}-0`;
  }
}

function told({ stopped }: StepsAnswer): string {
  return stopped === null ? 'issued' : `refused: ${stopped.why}`;
}

function blockStep(planId: string, entryId: string, judgedOn: Trading): BlockStep {
  const reason = 'burst_limit_exceeded';
  const about = { plan_id: planId, symbol: SYMBOL, bot: null, value: null, limit: null, setting: null };
  const decision = { type: 'block', ts: 0, reason, gate: 'burst', gates: [], ...about } as const;
  return {
    kind: 'block',
    planId,
    entryId,
    judgedOn,
    reply: encodePermitReply({ granted: false, reason }),
    events: [],
    block: encodeBlock(decision, { nextEligibleAt: null, maxQty: null }),
    disarm: { symbol: SYMBOL, text: encodeDisarmed({ reason, timestamp: 0 }) },
    reduces: false,
  };
}
