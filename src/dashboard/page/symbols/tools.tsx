/** The filter above the table; on a phone, where there are no headers to press, the order too. */
import {
  clustersOf,
  NO_FILTER,
  SYMBOL_COLUMNS,
  type SymbolFilter,
  type SymbolSort,
} from '../../views/symbols.ts';
import { isFiltered } from '../../views/symbols-address.ts';
import { countText, decimalText } from '../../views/format.ts';
import type { SymbolRow } from '../../wire.ts';
import { Icon } from '../ui/icon.tsx';
import { BulletKey } from './bullet.tsx';

const PRESSURES = ['INCREASE', 'HOLD', 'DECREASE'];

export function SymbolTools({
  filter,
  sort,
  all,
  shown,
  change,
}: {
  readonly filter: SymbolFilter;
  readonly sort: SymbolSort;
  readonly all: readonly SymbolRow[];
  readonly shown: number;
  readonly change: (filter: SymbolFilter, sort: SymbolSort) => void;
}): preact.JSX.Element {
  const set = (part: Partial<SymbolFilter>): void => change({ ...filter, ...part }, sort);
  return (
    <div class="symbols-tools" role="search">
      <h2 class="view-title">Symbols</h2>
      <input
        type="search"
        aria-label="Filter by symbol, cluster or regime"
        placeholder="Symbol, cluster, regime"
        spellcheck={false}
        value={filter.text}
        onInput={(event) => set({ text: event.currentTarget.value })}
      />
      <Choice
        label="Pressure"
        any="Any pressure"
        names={PRESSURES}
        value={filter.pressure}
        choose={(pressure) => set({ pressure })}
      />
      <Choice
        label="Cluster"
        any="Any cluster"
        names={clustersOf(all)}
        value={filter.cluster}
        choose={(cluster) => set({ cluster })}
      />
      <button
        type="button"
        aria-pressed={filter.isDisarmedOnly}
        onClick={() => set({ isDisarmedOnly: !filter.isDisarmedOnly })}
      >
        Disarmed
      </button>
      <button
        type="button"
        aria-pressed={filter.isStaleOnly}
        onClick={() => set({ isStaleOnly: !filter.isStaleOnly })}
      >
        Stale
      </button>
      <SortChoice sort={sort} choose={(next) => change(filter, next)} />
      {isFiltered(filter) && (
        <button type="button" class="is-quiet" onClick={() => change(NO_FILTER, sort)}>
          <Icon name="cross" /> Clear
        </button>
      )}
      <BulletKey />
      <p class="symbols-count soft" role="status">
        {isFiltered(filter)
          ? `${decimalText(shown, 0)} of ${countText(all.length, 'symbol')}`
          : countText(all.length, 'symbol')}
      </p>
    </div>
  );
}

function SortChoice({
  sort,
  choose,
}: {
  readonly sort: SymbolSort;
  readonly choose: (sort: SymbolSort) => void;
}): preact.JSX.Element {
  const turned = sort.direction === 'ascending' ? 'descending' : 'ascending';
  return (
    <span class="symbols-sort">
      <select
        aria-label="Sort by"
        value={sort.column}
        onChange={(event) => {
          const column = SYMBOL_COLUMNS.find(({ key }) => key === event.currentTarget.value)?.key;
          if (column !== undefined) choose({ ...sort, column });
        }}
      >
        {SYMBOL_COLUMNS.map(({ key, title }) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
      <button
        type="button"
        aria-label={`Sorted ${sort.direction}; sort ${turned}`}
        onClick={() => choose({ ...sort, direction: turned })}
      >
        <Icon name={sort.direction === 'ascending' ? 'up' : 'down'} />
      </button>
    </span>
  );
}

function Choice({
  label,
  any,
  names,
  value,
  choose,
}: {
  readonly label: string;
  readonly any: string;
  readonly names: readonly string[];
  readonly value: string | null;
  readonly choose: (name: string | null) => void;
}): preact.JSX.Element {
  // A name asked for by an address is offered even where no row has it, so that the filter shows what it does.
  const offered = value === null || names.includes(value) ? names : [value, ...names];
  // By place, not by name: a name may be empty, as the choice of any is.
  return (
    <select
      aria-label={label}
      value={value === null ? -1 : offered.indexOf(value)}
      onChange={(event) => choose(offered[Number(event.currentTarget.value)] ?? null)}
    >
      <option value={-1}>{any}</option>
      {offered.map((name, index) => (
        <option key={name} value={index}>
          {name}
        </option>
      ))}
    </select>
  );
}
