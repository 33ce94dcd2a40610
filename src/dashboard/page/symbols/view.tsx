/** All symbols: what each earned, how well it uses its capital, what it may have and what it has. */
import { computed, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { isFiltered, keepOrder, readSymbolsAddress, symbolsAddress } from '../../views/symbols-address.ts';
import { arrangeSymbols, NO_FILTER, type SymbolFilter, type SymbolSort } from '../../views/symbols.ts';
import type { SymbolRow } from '../../wire.ts';
import { navigate, query } from '../router.tsx';
import { judgedAt, snapshot } from '../state.ts';
import { Empty, Loading } from '../ui/empty.tsx';
import { SymbolTable } from './table.tsx';
import { SymbolTools } from './tools.tsx';
import './symbols.css';

const NONE: readonly SymbolRow[] = [];
const address = computed(() => readSymbolsAddress(query.value));
const rows = computed(() => snapshot.value?.symbols ?? NONE);
const change = (filter: SymbolFilter, sort: SymbolSort): void => navigate(symbolsAddress(filter, sort), true);

export function SymbolsView(): preact.JSX.Element {
  /** Whether someone points at rows or walks through them: then none moves away. */
  const isHeld = useSignal(false);
  const held = useSignal<readonly SymbolRow[]>(NONE);
  const arranged = useComputed(() => {
    const { filter, sort } = address.value;
    // Time alone changes nothing but which rows are stale.
    const now = filter.isStaleOnly ? judgedAt.value : judgedAt.peek();
    return arrangeSymbols(rows.value, filter, sort, now);
  });
  const shown = useComputed(() => (isHeld.value ? keepOrder(arranged.value, held.value) : arranged.value));
  // An order asked for is always given at once.
  useSignalEffect(() => {
    const asked = address.value;
    held.value = asked === null ? NONE : arranged.peek();
  });
  const hold = (on: boolean): void => {
    if (on && !isHeld.value) held.value = arranged.value;
    isHeld.value = on;
  };

  if (snapshot.value === null) return <Loading what="symbols" />;
  const { filter, sort } = address.value;
  return (
    <div class="symbols">
      <SymbolTools
        filter={filter}
        sort={sort}
        all={rows.value}
        shown={arranged.value.length}
        change={change}
      />
      {shown.value.length > 0 ? (
        <SymbolTable rows={shown.value} filter={filter} sort={sort} change={change} hold={hold} />
      ) : (
        <Nothing filter={filter} sort={sort} />
      )}
    </div>
  );
}

function Nothing({
  filter,
  sort,
}: {
  readonly filter: SymbolFilter;
  readonly sort: SymbolSort;
}): preact.JSX.Element {
  if (!isFiltered(filter))
    return (
      <Empty
        what="No symbol yet"
        why="A symbol appears with its first execution or position. Executions come in by the stream quantum:stream:execution.result."
      />
    );
  return (
    <div class="symbols-none">
      <Empty what="No symbol passes the filter" why="There are symbols, but none that fits all of it." />
      <button type="button" onClick={() => change(NO_FILTER, sort)}>
        Clear the filter
      </button>
    </div>
  );
}
