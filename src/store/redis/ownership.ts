/**
 * Who owns a component. The server's clock decides when a lease ran out; besides, whoever stands by watches the holder's
 * beats with its own clock, so that a server whose clock was set back keeps no dead holder in office.
 */
import { ownKeyOf } from '../../contract/keys.ts';
import { LEASE_MS, type Claims, type OtherOwner, type Ownership } from '../store.ts';
import type { Functions } from './calls.ts';
import { listOf, numberOf, textOf } from './reply.ts';

interface Beat {
  /** `epoch:beat`, as the claim function compares it. */
  readonly mark: string;
  readonly sinceMs: number;
  lookedMs: number;
}

export class Owners {
  readonly #functions: Functions;
  readonly #namespace: string;
  /** By component: the last beat of another holder that was seen here. */
  readonly #beats = new Map<string, Beat>();

  constructor(functions: Functions, namespace: string) {
    this.#functions = functions;
    this.#namespace = namespace;
  }

  async claim(owner: string, components: readonly string[]): Promise<Claims> {
    if (components.length === 0) return { held: [], others: [] };
    const askedMs = performance.now();
    const silent = components.map((component) => this.#silentMark(component, askedMs));
    const keys = components.map((component) => this.#keyOf(component));
    const answers = listOf(await this.#functions.call('claim', keys, [owner, String(LEASE_MS), ...silent]));
    const held: Ownership[] = [];
    const others: OtherOwner[] = [];
    components.forEach((component, i) => {
      const [isHeld, holder, epochReply, beat] = listOf(answers[i]);
      const epoch = numberOf(epochReply);
      if (isHeld === 1) {
        this.#beats.delete(component);
        held.push({ component, epoch });
      } else {
        this.#note(component, `${epoch}:${numberOf(beat)}`, askedMs);
        others.push({ component, owner: textOf(holder), epoch });
      }
    });
    return { held, others };
  }

  async release(owner: string, held: readonly Ownership[]): Promise<void> {
    if (held.length === 0) return;
    const keys = held.map(({ component }) => this.#keyOf(component));
    await this.#functions.call('release', keys, [owner, ...held.map(({ epoch }) => String(epoch))]);
  }

  /** The mark at which a component may be taken because nothing was heard for a lease; else an empty text. */
  #silentMark(component: string, nowMs: number): string {
    const beat = this.#beats.get(component);
    if (beat === undefined) return '';
    // Who did not look in between cannot know how long the holder was silent.
    if (nowMs - beat.lookedMs > LEASE_MS) {
      this.#beats.delete(component);
      return '';
    }
    return nowMs - beat.sinceMs >= LEASE_MS ? beat.mark : '';
  }

  #note(component: string, mark: string, nowMs: number): void {
    const beat = this.#beats.get(component);
    if (beat?.mark === mark) beat.lookedMs = nowMs;
    else this.#beats.set(component, { mark, sinceMs: performance.now(), lookedMs: nowMs });
  }

  #keyOf(component: string): string {
    return ownKeyOf(this.#namespace, 'owner', component);
  }
}
