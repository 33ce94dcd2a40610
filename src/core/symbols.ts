/**
 * The symbols the engine has met, as numbers, and which of them are known in the sense of the model: one with an
 * execution or a position. Anything that walks symbols does so in code-unit order of their names.
 */
import { Names } from './names.ts';

export class Symbols {
  readonly names = new Names();
  readonly #known = new Set<number>();
  /** The same as flags by number: asked at every execution. */
  #flags = new Uint8Array(64);
  /** Symbols another program has published something about, whether or not they are known. */
  readonly #named = new Set<number>();
  #sorted: Int32Array = new Int32Array(0);
  #sortedAll: Int32Array | null = null;
  #allById: Int32Array | null = null;
  #byId: Int32Array = new Int32Array(0);

  id(symbol: string): number {
    return this.names.id(symbol);
  }

  has(symbol: string): boolean {
    return this.names.has(symbol);
  }

  name(id: number): string {
    return this.names.name(id);
  }

  get size(): number {
    return this.names.size;
  }

  markKnown(id: number): void {
    if (this.#flags[id] === 1) return;
    if (id >= this.#flags.length) {
      const grown = new Uint8Array(Math.max(id + 1, this.#flags.length * 2));
      grown.set(this.#flags);
      this.#flags = grown;
    }
    this.#flags[id] = 1;
    this.#known.add(id);
    this.#sortedAll = null;
    this.#allById = null;
  }

  isKnown(id: number): boolean {
    return this.#flags[id] === 1;
  }

  /** Another program publishes records about a symbol: components after budgets look at it too. Returns whether that is new. */
  markNamed(id: number): boolean {
    if (this.#named.has(id)) return false;
    this.#named.add(id);
    this.#sortedAll = null;
    this.#allById = null;
    return true;
  }

  /** Known symbols and those others publish about, in code-unit order of their names. */
  all(): Int32Array {
    if (this.#named.size === 0) return this.known();
    this.#sortedAll ??= Int32Array.from(this.sort([...new Set([...this.#known, ...this.#named])]));
    return this.#sortedAll;
  }

  /** The same in order of their numbers, as `knownById`. */
  allById(): Int32Array {
    if (this.#named.size === 0) return this.knownById();
    this.#allById ??= Int32Array.from(this.all()).sort();
    return this.#allById;
  }

  /** Known symbols in code-unit order of their names. */
  known(): Int32Array {
    this.#refresh();
    return this.#sorted;
  }

  /** The same in order of their numbers, for steps whose order does not matter: neighbours in memory follow each other. */
  knownById(): Int32Array {
    this.#refresh();
    return this.#byId;
  }

  #refresh(): void {
    if (this.#sorted.length === this.#known.size) return;
    this.#sorted = Int32Array.from(this.sort([...this.#known]));
    this.#byId = Int32Array.from(this.#sorted).sort();
  }

  /** Puts symbol numbers in code-unit order of their names, in place. */
  sort(ids: number[]): number[] {
    const names = this.names;
    return ids.sort((a, b) => {
      const left = names.name(a);
      const right = names.name(b);
      return left < right ? -1 : left > right ? 1 : 0;
    });
  }

  save(): { names: string[]; known: number[] } {
    return { names: this.names.save(), known: [...this.#known] };
  }
}
