/** Where money is earned and lost, by any two dimensions. */
import { countText } from '../../views/format.ts';
import { dimensionOf, DIMENSIONS, dimensionTitle, heatmap, FEW_EXECUTIONS } from '../../views/heatmap.ts';
import type { Attribution, AttributionDimension } from '../../wire.ts';
import { navigate, query } from '../router.tsx';
import { snapshot } from '../state.ts';
import { usePolled } from '../symbol/polled.ts';
import { Trouble } from '../symbol/trouble.tsx';
import { Age } from '../ui/age.tsx';
import { Empty, Failed, Loading } from '../ui/empty.tsx';
import { Money } from '../ui/figures.tsx';
import { Panel } from '../ui/panel.tsx';
import { Time } from '../ui/time.tsx';
import { HeatTable } from './heat-table.tsx';
import { HeatScale } from './heat-scale.tsx';
import './attribution.css';

const EVERY_SEC = 5;
const PRESETS: readonly (readonly [y: AttributionDimension, x: AttributionDimension])[] = [
  ['regime', 'hour'],
  ['signal', 'symbol'],
  ['weekday', 'hour'],
  ['bot', 'exit_reason'],
];

interface Asked {
  readonly x: AttributionDimension;
  readonly y: AttributionDimension;
  /** Null: all. */
  readonly symbol: string | null;
}

export function AttributionView(): preact.JSX.Element {
  const asked: Asked = {
    x: dimensionOf(query.value.get('x')) ?? 'hour',
    y: dimensionOf(query.value.get('y')) ?? 'regime',
    symbol: query.value.get('symbol'),
  };
  const search = new URLSearchParams({ x: asked.x, y: asked.y });
  if (asked.symbol !== null) search.set('symbol', asked.symbol);
  const polled = usePolled<Attribution>(`/api/v1/attribution?${search}`, EVERY_SEC);
  return (
    <div class="attribution">
      <Tools asked={asked} />
      <Panel
        title={`Profit by ${dimensionTitle(asked.y).toLowerCase()} and ${dimensionTitle(asked.x).toLowerCase()}`.replaceAll(
          'utc',
          'UTC',
        )}
        age={polled.at}
      >
        <Trouble polled={polled} />
        {polled.value === null ? (
          polled.error === null ? (
            <Loading what="the attribution" />
          ) : (
            <Failed error={polled.error.text} retry={polled.refetch} />
          )
        ) : (
          <Map given={polled.value} />
        )}
      </Panel>
    </div>
  );
}

function Map({ given }: { readonly given: Attribution }): preact.JSX.Element {
  if (given.executions === 0)
    return (
      <Empty
        what="No execution to attribute"
        why="Only executions that realise profit count. They come in by the stream quantum:stream:execution.result."
      />
    );
  const view = heatmap(given);
  return (
    <>
      <p class="heat-about">
        <b>
          <Money usd={view.profitUsd} isSigned hasUnit />
        </b>{' '}
        from {countText(view.executions, 'execution')} since <Time ts={given.from} />, the newest{' '}
        <Age ts={given.to} /> ago.
        <span class="soft">
          {' '}
          Hours and weekdays are in UTC. Fewer than {FEW_EXECUTIONS} executions: faded and marked with a ring.
        </span>
      </p>
      <HeatTable key={`${given.x}/${given.y}`} view={view} x={given.x} y={given.y} />
      <HeatScale scaleUsd={view.scaleUsd} />
    </>
  );
}

function Tools({ asked }: { readonly asked: Asked }): preact.JSX.Element {
  const symbols = snapshot.value?.symbols ?? [];
  const names = symbols.map(({ symbol }) => symbol);
  const offered = asked.symbol === null || names.includes(asked.symbol) ? names : [asked.symbol, ...names];
  return (
    <div class="attribution-tools">
      <h2 class="view-title">Attribution</h2>
      <DimensionChoice label="Rows" value={asked.y} choose={(y) => go({ ...asked, y })} />
      <button
        type="button"
        class="is-quiet"
        aria-label="Swap rows and columns"
        title="Swap rows and columns"
        onClick={() => go({ ...asked, x: asked.y, y: asked.x })}
      >
        ⇄
      </button>
      <DimensionChoice label="Columns" value={asked.x} choose={(x) => go({ ...asked, x })} />
      <label class="attribution-choice">
        <span class="soft">Symbol</span>
        <select
          value={asked.symbol === null ? -1 : offered.indexOf(asked.symbol)}
          onChange={(event) => go({ ...asked, symbol: offered[Number(event.currentTarget.value)] ?? null })}
        >
          <option value={-1}>All</option>
          {offered.map((name, index) => (
            <option key={name} value={index}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <div class="attribution-presets" role="group" aria-label="Often looked at">
        {PRESETS.map(([y, x]) => (
          <button
            key={`${y}${x}`}
            type="button"
            aria-pressed={asked.x === x && asked.y === y}
            onClick={() => go({ ...asked, x, y })}
          >
            {shortTitle(y)} × {shortTitle(x).toLowerCase()}
          </button>
        ))}
      </div>
    </div>
  );
}

function DimensionChoice({
  label,
  value,
  choose,
}: {
  readonly label: string;
  readonly value: AttributionDimension;
  readonly choose: (dimension: AttributionDimension) => void;
}): preact.JSX.Element {
  return (
    <label class="attribution-choice">
      <span class="soft">{label}</span>
      <select
        value={value}
        onChange={(event) => {
          const dimension = dimensionOf(event.currentTarget.value);
          if (dimension !== null) choose(dimension);
        }}
      >
        {DIMENSIONS.map((dimension) => (
          <option key={dimension} value={dimension}>
            {dimensionTitle(dimension)}
          </option>
        ))}
      </select>
    </label>
  );
}

const shortTitle = (dimension: AttributionDimension): string =>
  dimensionTitle(dimension).replace(' (UTC)', '');

function go({ x, y, symbol }: Asked): void {
  const search = new URLSearchParams({ x, y });
  if (symbol !== null) search.set('symbol', symbol);
  navigate(`/attribution?${search}`, true);
}
