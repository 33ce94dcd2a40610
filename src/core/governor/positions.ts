/** The newest position snapshot of every symbol, and their sums for the account-wide limits. */
import { signedNotionalUsd, type Position } from './read-plan.ts';

export class Positions {
  readonly #bySymbol = new Map<number, Position>();
  #grossUsd: number | null = 0;
  #open = 0;

  /** Takes a snapshot unless a newer one is known. */
  set(symbol: number, position: Position): void {
    const before = this.#bySymbol.get(symbol);
    if (before !== undefined && before.ts > position.ts) return;
    const wasOpen = (before?.amount ?? 0) !== 0;
    const isOpen = position.amount !== 0;
    if (isOpen !== wasOpen) this.#open += isOpen ? 1 : -1;
    this.#bySymbol.set(symbol, position);
    this.#grossUsd = null;
  }

  get(symbol: number): Position | null {
    return this.#bySymbol.get(symbol) ?? null;
  }

  /** Symbols whose newest snapshot is not flat, however old. */
  get openSymbols(): number {
    return this.#open;
  }

  /** All positions without netting, USD, by their newest snapshots however old; summed afresh in the order symbols first had one. */
  get grossUsd(): number {
    if (this.#grossUsd === null) {
      let sum = 0;
      for (const position of this.#bySymbol.values()) sum += Math.abs(signedNotionalUsd(position));
      this.#grossUsd = Math.min(sum, Number.MAX_VALUE);
    }
    return this.#grossUsd;
  }

  save(): [number, Position][] {
    return [...this.#bySymbol];
  }

  load(saved: readonly (readonly [number, Position])[]): void {
    for (const [symbol, position] of saved) this.set(symbol, position);
  }
}
