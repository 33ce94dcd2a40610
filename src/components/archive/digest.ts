/**
 * A tick in sixteen characters: a hash over the true numbers of every row of the components that made it, and the names
 * they belong to. Two engines with the same digest published the same. Clusters are left out: their numbers are the
 * process's own, and what they decide shows in the other columns.
 */
import { createHash } from 'node:crypto';
import { DECLARATIONS, type TickingComponent } from '../declarations.ts';
import { rowLayout, type RowLayout } from '../rows.ts';
import type { Engine } from '../../core/pipeline/engine.ts';

export class TickDigest {
  readonly #engine: Engine;
  readonly #layouts = new Map<TickingComponent, RowLayout>();
  #numbers = new Float64Array(1024);

  constructor(engine: Engine) {
    this.#engine = engine;
    for (const { name } of Object.values(DECLARATIONS)) this.#layouts.set(name, rowLayout(name, engine));
  }

  of(components: readonly TickingComponent[]): string {
    const { symbols } = this.#engine;
    const all = symbols.all();
    const hash = createHash('sha256');
    for (const component of components) {
      const layout = this.#layouts.get(component)!;
      const width = layout.columns.length - layout.clusters;
      if (this.#numbers.length < all.length * width) this.#numbers = new Float64Array(2 * all.length * width);
      const numbers = this.#numbers;
      const data = layout.columns.slice(0, width).map((column) => column.data);
      let names = component;
      let at = 0;
      for (const symbol of all) {
        if (layout.isEmpty(symbol)) continue;
        names += `\n${symbols.name(symbol)}`;
        for (let i = 0; i < width; i++) numbers[at++] = data[i]![symbol]!;
      }
      hash.update(names).update(new Uint8Array(numbers.buffer, 0, at * 8));
    }
    return hash.digest('hex').slice(0, 16);
  }
}
