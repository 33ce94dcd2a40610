/** A row of the table, and whether it is another than before. */
import type { SymbolRow } from '../wire.ts';

/** Whether nothing a row shows changed. */
export function isSameRow(a: SymbolRow, b: SymbolRow): boolean {
  for (const name of Object.keys(a) as (keyof SymbolRow)[]) {
    const [before, after] = [a[name], b[name]];
    if (before === after) continue;
    if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null)
      return false;
    if (JSON.stringify(before) !== JSON.stringify(after)) return false;
  }
  return true;
}
