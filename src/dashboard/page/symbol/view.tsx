/** One symbol: what it may have and why, how well it uses it, and what it did. */
import { computed, useComputed } from '@preact/signals';
import type { SymbolExplanation } from '../../views/explanation.ts';
import type { SymbolDetail, SymbolRow } from '../../wire.ts';
import { EfficiencyPartsTable } from '../explain/efficiency-parts.tsx';
import { ExecutionsTable } from '../explain/executions.tsx';
import { Missing } from '../explain/missing.tsx';
import { WaterfallTable } from '../explain/waterfall.tsx';
import { Link } from '../router.tsx';
import { snapshot } from '../state.ts';
import { Empty, Failed, Loading } from '../ui/empty.tsx';
import { Panel } from '../ui/panel.tsx';
import { Contributions } from './contributions.tsx';
import { SymbolHeader } from './header.tsx';
import { usePolled, type Polled } from './polled.ts';
import { EfficiencyCharts, MoneyChart, ProfitChart } from './series-charts.tsx';
import { Trouble } from './trouble.tsx';
import { LatestVerdicts } from './verdicts.tsx';
import '../explain/explain.css';
import './symbol.css';

const EVERY_SEC = 5;
const rowsByName = computed(() => new Map(snapshot.value?.symbols.map((row) => [row.symbol, row])));

export function SymbolView({ symbol }: { readonly symbol: string }): preact.JSX.Element {
  const path = `/api/v1/symbols/${encodeURIComponent(symbol)}`;
  const detail = usePolled<SymbolDetail>(path, EVERY_SEC);
  const explanation = usePolled<SymbolExplanation>(`${path}/explanation`, EVERY_SEC);
  // The stream is ahead of what is asked for now and then.
  const live = useComputed(() => rowsByName.value.get(symbol) ?? null);
  const row = live.value ?? detail.value?.row ?? null;

  if (row === null && detail.error?.isNotFound === true) return <NotFound symbol={symbol} />;
  if (row === null)
    return detail.error === null ? (
      <Loading what={symbol} />
    ) : (
      <Failed error={detail.error.text} retry={detail.refetch} />
    );
  return (
    <div class="symbol">
      <SymbolHeader row={row} sentence={explanation.value?.sentence ?? null} />
      <Trouble polled={detail} />
      <Charts row={row} detail={detail} explanation={explanation.value} />
      <Why symbol={symbol} explanation={explanation} detail={detail.value} />
    </div>
  );
}

function Charts({
  row,
  detail,
  explanation,
}: {
  readonly row: SymbolRow;
  readonly detail: Polled<SymbolDetail>;
  readonly explanation: SymbolExplanation | null;
}): preact.JSX.Element {
  if (detail.value === null)
    return (
      <Panel title="Over time">
        <Loading what="its series" />
      </Panel>
    );
  const { series } = detail.value;
  return (
    <div class="symbol-charts">
      <Panel title="Efficiency" age={row.efficiency_ts}>
        <EfficiencyCharts points={series.efficiency} penalties={explanation?.efficiency?.penalties ?? null} />
      </Panel>
      <Panel title="Target, budget and position" age={row.target_ts}>
        <MoneyChart series={series} />
      </Panel>
      <Panel title="Running profit" age={row.last_execution_ts}>
        <ProfitChart points={series.profit} />
      </Panel>
    </div>
  );
}

function Why({
  symbol,
  explanation,
  detail,
}: {
  readonly symbol: string;
  readonly explanation: Polled<SymbolExplanation>;
  readonly detail: SymbolDetail | null;
}): preact.JSX.Element {
  const { value } = explanation;
  if (value === null)
    return (
      <Panel title="Why">
        {explanation.error === null ? (
          <Loading what="why" />
        ) : (
          <Failed error={explanation.error.text} retry={explanation.refetch} />
        )}
      </Panel>
    );
  return (
    <>
      <Trouble polled={explanation} />
      <div class="symbol-why">
        <Panel title="From base budget to target" class="is-wide">
          {value.waterfall === null ? (
            <Empty
              what="No target decided yet"
              why="P2.9 decides one once it has a budget and the portfolio."
            />
          ) : (
            <WaterfallTable waterfall={value.waterfall} hasAge />
          )}
        </Panel>
        <Panel title="What the efficiency score is made of" class="is-half">
          {value.efficiency === null ? (
            <Empty what="No score yet" why="P3.1 scores a symbol from its first execution on." />
          ) : (
            <EfficiencyPartsTable parts={value.efficiency} hasAge />
          )}
        </Panel>
        <Panel title="Where its profit comes from" class="is-half">
          {detail !== null && <Contributions contributions={detail.contributions} />}
        </Panel>
        <Panel title="Executions" class="is-more">
          <ExecutionsTable executions={value.executions} of={symbol} />
        </Panel>
        <Panel title="Latest permits and blocks" class="is-less">
          <LatestVerdicts verdicts={value.verdicts} />
        </Panel>
      </div>
      <Missing missing={value.missing} />
    </>
  );
}

function NotFound({ symbol }: { readonly symbol: string }): preact.JSX.Element {
  return (
    <div class="symbol-none">
      <Empty
        what={`No symbol ${symbol}`}
        why="Nothing is known of it here: no execution, no position. Symbols are written without separators, in capitals: BTCUSDT."
      />
      <Link href="/symbols" class="button">
        All symbols
      </Link>
    </div>
  );
}
