/** Executions, newest first, each with the plan it came from. */
import { decimalText } from '../../views/format.ts';
import type { ExecutionLine } from '../../views/explanation.ts';
import { Link, planPath } from '../router.tsx';
import { Empty } from '../ui/empty.tsx';
import { Money, Quantity } from '../ui/figures.tsx';
import { Time, zoneLabel } from '../ui/time.tsx';
import { Unknown } from '../ui/unknown.tsx';

export function ExecutionsTable({
  executions,
  of,
}: {
  readonly executions: readonly ExecutionLine[];
  readonly of: string;
}): preact.JSX.Element {
  if (executions.length === 0)
    return (
      <Empty
        what="No execution recorded"
        why="Executions come in by the stream quantum:stream:execution.result."
      />
    );
  return (
    <div class="scroll-x is-tall" tabIndex={0} role="group" aria-label={`Executions of ${of}`}>
      <table class="executions">
        <caption class="sr-only">Executions of {of}, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time ({zoneLabel()})</th>
            <th scope="col" class="is-right">
              Profit, USD
            </th>
            <th scope="col">Side</th>
            <th scope="col" class="is-right">
              Quantity
            </th>
            <th scope="col" class="is-right">
              Price
            </th>
            <th scope="col">Signal</th>
            <th scope="col">Regime</th>
            <th scope="col">Exit</th>
            <th scope="col">Bot</th>
            <th scope="col">Plan</th>
          </tr>
        </thead>
        <tbody>
          {executions.map((line) => (
            <tr key={line.id}>
              <th scope="row">
                <Time ts={line.ts} hasZone={false} />
              </th>
              <td class="is-right">
                {line.pnl_usd === null ? (
                  <span class="soft">opening</span>
                ) : (
                  <Money usd={line.pnl_usd} isSigned />
                )}
              </td>
              <td>{orUnknown(line.side)}</td>
              <td class="is-right">
                <Quantity value={line.qty} />
              </td>
              <td class="is-right">{exact(line.price)}</td>
              <td>{orUnknown(line.signal)}</td>
              <td>{orUnknown(line.regime)}</td>
              <td>{orUnknown(line.exit_reason)}</td>
              <td>{orUnknown(line.bot)}</td>
              <td class="executions-plan">
                {line.plan_id === null ? (
                  <Unknown what="no plan" />
                ) : (
                  <Link href={planPath(line.plan_id)} title={line.plan_id}>
                    {line.plan_id}
                  </Link>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const orUnknown = (text: string | null): preact.ComponentChildren => text ?? <Unknown />;

function exact(value: number | null): preact.JSX.Element {
  if (value === null) return <Unknown />;
  const digits = Math.abs(value) >= 100 ? 2 : 5;
  return (
    <span class="num" title={String(value)}>
      {decimalText(value, digits)}
    </span>
  );
}
