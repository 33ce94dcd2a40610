/** Who holds which component in the memory store: claims, leases and epochs, in the owner records under Ballast's own keys. */
import { ownKeyOf } from '../../contract/keys.ts';
import { LEASE_MS, type Claims, type OtherOwner, type Ownership } from '../store.ts';
import type { ClaimCommand, ReleaseCommand } from './commands.ts';
import type { KeySpace } from './key-space.ts';

/** The last commit of a component. */
export interface LastCommit {
  readonly sequence: number;
  /** What tells it from any other: a repeat has the same. */
  readonly token: string;
}

/** Nobody. */
const FREE = '';

export class Owners {
  readonly #keys: KeySpace;
  readonly #namespace: string;

  constructor(keys: KeySpace, namespace: string) {
    this.#keys = keys;
    this.#namespace = namespace;
  }

  claim({ nowMs, owner, components, silent }: ClaimCommand): Claims {
    const silentBeats = new Map(silent);
    const held: Ownership[] = [];
    const others: OtherOwner[] = [];
    for (const component of components) {
      const record = this.#record(component, nowMs);
      const holder = record.get('owner') ?? FREE;
      const epoch = Number(record.get('epoch') ?? 0);
      const isFree =
        holder === FREE ||
        Number(record.get('expires_ms')) <= nowMs ||
        silentBeats.get(component) === record.get('beat');
      if (holder !== owner && !isFree) {
        others.push({ component, owner: holder, epoch });
        continue;
      }
      const heldEpoch = holder === owner ? epoch : epoch + 1;
      record.set('owner', owner).set('epoch', String(heldEpoch));
      this.hear(component, nowMs);
      held.push({ component, epoch: heldEpoch });
    }
    return { held, others };
  }

  release({ nowMs, owner, held }: ReleaseCommand): void {
    for (const ownership of held) {
      if (this.isHeld(owner, ownership, nowMs)) free(this.#record(ownership.component, nowMs));
    }
  }

  releaseAll(): void {
    const prefix = ownKeyOf(this.#namespace, 'owner');
    for (const [key, value] of this.#keys.entries())
      if (key.startsWith(prefix) && value.type === 'hash') free(value.fields);
  }

  isHeld(owner: string, { component, epoch }: Ownership, nowMs: number): boolean {
    const record = this.#keys.find(ownKeyOf(this.#namespace, 'owner', component), 'hash', nowMs)?.fields;
    return record?.get('owner') === owner && record.get('epoch') === String(epoch);
  }

  /** The holder is alive. */
  hear(component: string, nowMs: number): void {
    const record = this.#record(component, nowMs);
    record
      .set('beat', String(Number(record.get('beat') ?? 0) + 1))
      .set('expires_ms', String(nowMs + LEASE_MS));
  }

  /** How often the holder was heard of; null where nobody ever held it. */
  beat(component: string, nowMs: number): string | null {
    const key = ownKeyOf(this.#namespace, 'owner', component);
    return this.#keys.find(key, 'hash', nowMs)?.fields.get('beat') ?? null;
  }

  #record(component: string, nowMs: number): Map<string, string> {
    return this.#keys.need(ownKeyOf(this.#namespace, 'owner', component), 'hash', nowMs).fields;
  }
}

/** The epoch stays: the next owner's is higher. */
function free(record: Map<string, string>): void {
  record.set('owner', FREE).set('expires_ms', '0');
}
