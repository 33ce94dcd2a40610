/** Sessions and challenges, in memory: a restart ends them all. Both are bounded; the oldest give way. */
import { randomText, Secret, sha256 } from './secrets.ts';

export const SESSION_LIFE_SEC = 12 * 3600;
export const NONCE_LIFE_SEC = 60;
const MAX_SESSIONS = 100;
const MAX_NONCES = 100;
/** One holder cannot take the nonces of the others. */
const MAX_NONCES_EACH = 5;

export interface Session {
  /** Of its id: names it without being it. */
  readonly key: string;
  readonly csrf: string;
  readonly csrfSecret: Secret;
  readonly rights: 'read' | 'stop';
  readonly endsMs: number;
}

export class Sessions {
  readonly #nowMs: () => number;
  readonly #sessions = new Map<string, Session>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Returns the id, which nobody keeps but the browser. */
  open(rights: Session['rights']): { readonly id: string; readonly session: Session } {
    const id = randomText();
    const csrf = randomText();
    const endsMs = this.#nowMs() + SESSION_LIFE_SEC * 1000;
    const session = { key: keyOf(id), csrf, csrfSecret: new Secret(csrf), rights, endsMs };
    for (const { key, endsMs } of this.#sessions.values())
      if (endsMs <= this.#nowMs()) this.#sessions.delete(key);
    if (this.#sessions.size >= MAX_SESSIONS) this.#sessions.delete(this.#leastNeeded());
    this.#sessions.set(session.key, session);
    return { id, session };
  }

  /** The oldest that only reads: readers end no session of who may stop. Where all may, the oldest. */
  #leastNeeded(): string {
    const all = [...this.#sessions.values()];
    return (all.find(({ rights }) => rights === 'read') ?? all[0]!).key;
  }

  /** Null: there is none, or not any more. */
  find(id: string): Session | null {
    const session = this.#sessions.get(keyOf(id));
    return session !== undefined && session.endsMs > this.#nowMs() ? session : null;
  }

  isOpen({ key, endsMs }: Session): boolean {
    return this.#sessions.has(key) && endsMs > this.#nowMs();
  }

  close({ key }: Session): void {
    this.#sessions.delete(key);
  }
}

/** Things to be used once, soon, and by whoever asked for them. */
export class Nonces {
  readonly #nowMs: () => number;
  /** Oldest first. */
  readonly #nonces = new Map<string, { readonly holder: string; readonly endsMs: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  make(holder: string): string {
    const own = [...this.#nonces].filter(([, nonce]) => nonce.holder === holder).map(([key]) => key);
    for (const key of own.slice(0, Math.max(0, own.length + 1 - MAX_NONCES_EACH))) this.#nonces.delete(key);
    for (const key of this.#nonces.keys()) {
      if (this.#nonces.size < MAX_NONCES) break;
      this.#nonces.delete(key);
    }
    const nonce = randomText();
    this.#nonces.set(keyOf(nonce), { holder, endsMs: this.#nowMs() + NONCE_LIFE_SEC * 1000 });
    return nonce;
  }

  /** Whether it was good; it is not any more. */
  use(nonce: string, holder: string): boolean {
    const key = keyOf(nonce);
    const found = this.#nonces.get(key);
    this.#nonces.delete(key);
    return found !== undefined && found.holder === holder && found.endsMs > this.#nowMs();
  }
}

/** Looked up by digest: how long that takes says nothing about the secret. */
function keyOf(secret: string): string {
  return sha256(secret).toString('base64');
}
