/** Profit by two dimensions. Sums are whole micro-USD, so that cells add up to the totals exactly. */
import type { Attribution, AttributionDimension } from '../wire.ts';
import type { KnownExecution } from './executions.ts';

interface Sum {
  microUsd: number;
  count: number;
  wins: number;
}

/** `executions` oldest first; `symbol` null: of all. */
export function attributionOf(
  executions: readonly KnownExecution[],
  x: AttributionDimension,
  y: AttributionDimension,
  symbol: string | null,
): Attribution {
  const [all, columns, rows] = [newSum(), new Map<string, Sum>(), new Map<string, Sum>()];
  const cells = new Map<string, Map<string, Sum>>();
  let [from, to] = [Infinity, -Infinity];
  for (const execution of executions) {
    if (symbol !== null && execution.symbol !== symbol) continue;
    const [xName, yName] = [nameOf(execution, x), nameOf(execution, y)];
    const column = mapIn(cells, xName);
    for (const sum of [all, sumIn(columns, xName), sumIn(rows, yName), sumIn(column, yName)])
      add(sum, execution.microUsd);
    from = Math.min(from, execution.ts);
    to = Math.max(to, execution.ts);
  }
  const xNames = ordered(x, columns);
  const yNames = ordered(y, rows);
  const places = new Map(yNames.map((name, place) => [name, place]));
  return {
    x,
    y,
    from: all.count === 0 ? null : from,
    to: all.count === 0 ? null : to,
    executions: all.count,
    profit_usd: all.microUsd / 1e6,
    x_names: xNames,
    y_names: yNames,
    cells: xNames.flatMap((xName) =>
      [...cells.get(xName)!]
        .sort(([a], [b]) => places.get(a)! - places.get(b)!)
        .map(([yName, { microUsd, count, wins }]) => ({
          x: xName,
          y: yName,
          profit_usd: microUsd / 1e6,
          count,
          wins,
        })),
    ),
    x_totals: totals(xNames, columns),
    y_totals: totals(yNames, rows),
  };
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const BUCKETS = ['00-06', '06-12', '12-18', '18-24'];
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

/** Names in an order of their own. */
const NATURAL: ReadonlyMap<AttributionDimension, readonly string[]> = new Map<
  AttributionDimension,
  readonly string[]
>([
  ['hour', HOURS],
  ['hour_bucket', BUCKETS],
  ['weekday', WEEKDAYS],
]);

function nameOf(execution: KnownExecution, dimension: AttributionDimension): string {
  // Whole seconds first: a fraction just before the hour would be rounded into the next by the division.
  const hours = Math.floor(Math.floor(execution.ts) / 3600);
  switch (dimension) {
    case 'hour':
      return HOURS[hours % 24]!;
    case 'hour_bucket':
      return BUCKETS[Math.floor((hours % 24) / 6)]!;
    case 'weekday':
      // 1 January 1970 was a Thursday, the fourth day counted from Monday.
      return WEEKDAYS[(Math.floor(hours / 24) + 3) % 7]!;
    case 'exit_reason':
      return execution.exitReason;
    default:
      return execution[dimension];
  }
}

/** By profit, highest first, then by name in code units; hours and weekdays naturally. */
function ordered(dimension: AttributionDimension, sums: ReadonlyMap<string, Sum>): string[] {
  const natural = NATURAL.get(dimension);
  if (natural !== undefined) return natural.filter((name) => sums.has(name));
  return [...sums]
    .sort(([a, sumA], [b, sumB]) => sumB.microUsd - sumA.microUsd || (a < b ? -1 : 1))
    .map(([name]) => name);
}

function totals(names: readonly string[], sums: ReadonlyMap<string, Sum>): Attribution['x_totals'] {
  return names.map((name) => {
    const { microUsd, count } = sums.get(name)!;
    return { name, profit_usd: microUsd / 1e6, count };
  });
}

function newSum(): Sum {
  return { microUsd: 0, count: 0, wins: 0 };
}

function add(sum: Sum, microUsd: number): void {
  sum.microUsd += microUsd;
  sum.count++;
  if (microUsd > 0) sum.wins++;
}

function sumIn(sums: Map<string, Sum>, name: string): Sum {
  const found = sums.get(name);
  if (found !== undefined) return found;
  const sum = newSum();
  sums.set(name, sum);
  return sum;
}

function mapIn(maps: Map<string, Map<string, Sum>>, name: string): Map<string, Sum> {
  const found = maps.get(name);
  if (found !== undefined) return found;
  const map = new Map<string, Sum>();
  maps.set(name, map);
  return map;
}
