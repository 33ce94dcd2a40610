/**
 * The table: only the rows that are seen are in the page, each at its place, so that thousands scroll smoothly and one that changes moves
 * nothing else. The focus is the table's, and a row is pointed at by `aria-activedescendant`: rows come and go as it scrolls.
 */
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { nextSort, SYMBOL_COLUMNS, type SymbolFilter, type SymbolSort } from '../../views/symbols.ts';
import { rowAfterKey, rowWindow } from '../../views/symbols-window.ts';
import type { SymbolRow } from '../../wire.ts';
import { navigate, symbolPath } from '../router.tsx';
import { outage } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { SymbolLine } from './row.tsx';
import { SumsLine } from './sums.tsx';

/** As in symbols.css. */
const ROW_HEIGHT = 40;
const CARD_HEIGHT = 92;
const SCROLL_STEP = 4 * ROW_HEIGHT;
const PHONE = matchMedia('(max-width: 760px)');

interface TableProps {
  readonly rows: readonly SymbolRow[];
  readonly filter: SymbolFilter;
  readonly sort: SymbolSort;
  readonly change: (filter: SymbolFilter, sort: SymbolSort) => void;
  /** While it is on, rows keep their places. */
  readonly hold: (on: boolean) => void;
}

export function SymbolTable({ rows, filter, sort, change, hold }: TableProps): preact.JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const view = useView(box);
  const active = useSignal(0);
  const hasFocus = useSignal(false);
  const { top, height, isPhone } = view.value;
  const rowHeight = isPhone ? CARD_HEIGHT : ROW_HEIGHT;
  const { from, to } = rowWindow(rows.length, rowHeight, top, height);
  const activeRow = Math.min(active.value, rows.length - 1);

  // Whoever looks at another order begins at its top.
  useEffect(() => {
    box.current?.scrollTo({ top: 0 });
    active.value = 0;
  }, [sort.column, sort.direction, filter.text, filter.pressure, filter.cluster]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== box.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[activeRow];
    if (event.key === 'Enter' && row !== undefined) {
      event.preventDefault();
      navigate(symbolPath(row.symbol));
      return;
    }
    const next = rowAfterKey(event.key, activeRow, rows.length, Math.floor(height / rowHeight));
    if (next === null) return;
    event.preventDefault();
    active.value = next;
    reveal(box.current, next, rowHeight);
  };

  return (
    <div
      ref={box}
      class={`symbols-table${outage.value === null ? '' : ' is-cut-off'}`}
      role="grid"
      tabIndex={0}
      aria-label="Symbols: arrows walk through the rows, Enter opens one"
      aria-rowcount={rows.length + 2}
      aria-colcount={SYMBOL_COLUMNS.length}
      aria-activedescendant={activeRow >= from && activeRow < to ? rowId(activeRow) : undefined}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        hasFocus.value = event.target === event.currentTarget;
        hold(hasFocus.value);
      }}
      onBlur={() => {
        hasFocus.value = false;
        hold(false);
      }}
    >
      <Head sort={sort} change={(next) => change(filter, next)} />
      <div
        class="symbols-rows"
        role="rowgroup"
        style={{ height: `${rows.length * rowHeight}px` }}
        onPointerEnter={() => hold(true)}
        onPointerLeave={() => hold(hasFocus.value)}
      >
        {rows.slice(from, to).map((row, index) => (
          <SymbolLine
            key={row.symbol}
            row={row}
            id={rowId(from + index)}
            place={from + index}
            top={(from + index) * rowHeight}
            isActive={hasFocus.value && from + index === activeRow}
          />
        ))}
      </div>
      <SumsLine rows={rows} />
    </div>
  );
}

function Head({
  sort,
  change,
}: {
  readonly sort: SymbolSort;
  readonly change: (sort: SymbolSort) => void;
}): preact.JSX.Element {
  return (
    <div class="symbols-head" role="rowgroup">
      <div class="symbols-row" role="row" aria-rowindex={1}>
        {SYMBOL_COLUMNS.map(({ key, title, isText }) => {
          const isSorted = sort.column === key;
          return (
            <div
              key={key}
              role="columnheader"
              class={isText ? `at-${key}` : `at-${key} is-right`}
              aria-sort={isSorted ? sort.direction : 'none'}
            >
              <button
                type="button"
                class={isSorted ? 'is-sorted' : ''}
                onClick={() => change(nextSort(sort, key))}
              >
                {title}
                {isSorted && <Icon name={sort.direction === 'ascending' ? 'up' : 'down'} />}
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface View {
  readonly top: number;
  readonly height: number;
  readonly isPhone: boolean;
}

/** How far the box is scrolled and how high it is. Rows are drawn again only when the scroll passes half of the rows drawn ahead. */
function useView(box: { readonly current: HTMLDivElement | null }): { readonly value: View } {
  const view = useSignal<View>({ top: 0, height: 900, isPhone: PHONE.matches });
  useSignalEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const read = (): void => {
      const top = Math.floor(element.scrollTop / SCROLL_STEP) * SCROLL_STEP;
      const now = { top, height: element.clientHeight, isPhone: PHONE.matches };
      const before = view.peek();
      const isSame = now.top === before.top && now.height === before.height && now.isPhone === before.isPhone;
      if (!isSame) view.value = now;
    };
    const observer = new ResizeObserver(read);
    observer.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    PHONE.addEventListener('change', read);
    read();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', read);
      PHONE.removeEventListener('change', read);
    };
  });
  return view;
}

/** Scrolls no further than it takes: the head and the sums cover rows. */
function reveal(element: HTMLElement | null, row: number, rowHeight: number): void {
  const [head, , foot] = element?.children ?? [];
  if (!(element !== null && head instanceof HTMLElement && foot instanceof HTMLElement)) return;
  const top = row * rowHeight;
  const room = element.clientHeight - head.offsetHeight - foot.offsetHeight - rowHeight;
  if (top < element.scrollTop) element.scrollTo({ top });
  else if (top > element.scrollTop + room) element.scrollTo({ top: top - room });
}

const rowId = (index: number): string => `symbol-row-${index}`;
