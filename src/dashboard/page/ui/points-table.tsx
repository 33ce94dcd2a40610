/** The newest points of a chart as a table, folded: for whoever does not see the drawing, or wants the numbers. */
import { Time, zoneLabel } from './time.tsx';
import { Unknown } from './unknown.tsx';

export interface PointColumn {
  readonly title: string;
  readonly values: readonly (number | null)[];
  readonly tell: (value: number) => string;
}

const SHOWN = 12;

export function PointsTable({
  times,
  columns,
}: {
  /** Rising; the table has the newest first. */
  readonly times: readonly number[];
  readonly columns: readonly PointColumn[];
}): preact.JSX.Element {
  const newest = times
    .map((ts, index) => ({ ts, index }))
    .slice(-SHOWN)
    .toReversed();
  return (
    <details class="points">
      <summary>The last {newest.length} points as a table</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Time ({zoneLabel()})</th>
            {columns.map(({ title }) => (
              <th key={title} scope="col" class="is-right">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {newest.map(({ ts, index }) => (
            <tr key={index}>
              <th scope="row">
                <Time ts={ts} hasZone={false} />
              </th>
              {columns.map(({ title, values, tell }) => {
                const value = values[index] ?? null;
                return (
                  <td key={title} class="is-right num">
                    {value === null ? <Unknown /> : tell(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
