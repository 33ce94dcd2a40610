/** Which verdicts are shown: by outcome, symbol and reason. */
import { decimalText } from '../../views/format.ts';
import { reasonText, type VerdictFilter } from '../../views/verdicts.ts';
import { navigate } from '../router.tsx';
import { addressOf } from './address.ts';

const OUTCOMES = [
  ['all', 'All'],
  ['permitted', 'Permitted'],
  ['blocked', 'Blocked'],
] as const;

export function PlanFilter({
  filter,
  reasons,
  shown,
  all,
}: {
  readonly filter: VerdictFilter;
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  readonly shown: number;
  readonly all: number;
}): preact.JSX.Element {
  const change = (part: Partial<VerdictFilter>): void => navigate(addressOf({ ...filter, ...part }), true);
  const isReasonGone = filter.reason !== '' && !reasons.some(({ reason }) => reason === filter.reason);
  return (
    <div class="filter" role="search" aria-label="Filter">
      <div class="segments" role="group" aria-label="Outcome">
        {OUTCOMES.map(([outcome, text]) => (
          <button
            key={outcome}
            type="button"
            aria-pressed={filter.outcome === outcome}
            // What was permitted has no reason of a block.
            onClick={() => change(outcome === 'permitted' ? { outcome, reason: '' } : { outcome })}
          >
            {text}
          </button>
        ))}
      </div>
      <label>
        <span class="sr-only">Symbol</span>
        <input
          type="search"
          placeholder="Symbol"
          value={filter.symbol}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => change({ symbol: event.currentTarget.value })}
        />
      </label>
      <label>
        <span class="sr-only">Reason</span>
        <select
          value={filter.reason}
          onChange={(event) => change({ reason: event.currentTarget.value, outcome: 'all' })}
        >
          <option value="">Any reason</option>
          {isReasonGone && <option value={filter.reason}>{reasonText(filter.reason)}</option>}
          {reasons.map(({ reason, count }) => (
            <option key={reason} value={reason}>
              {reasonText(reason)} ({decimalText(count, 0)})
            </option>
          ))}
        </select>
      </label>
      <span class="filter-count" role="status">
        {shown === all
          ? `the newest ${decimalText(all, 0)}`
          : `${decimalText(shown, 0)} of the newest ${decimalText(all, 0)}`}
      </span>
    </div>
  );
}
