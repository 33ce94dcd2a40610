/** What the window's profit is made of, by each dimension that attribution keeps: each adds up to the same. */
import type { SymbolDetail } from '../../wire.ts';
import { Empty } from '../ui/empty.tsx';
import { Money } from '../ui/figures.tsx';
import { DivergingBar } from '../shadow/diverging-bar.tsx';

const DIMENSIONS = [
  ['regime', 'By regime'],
  ['cluster', 'By cluster'],
  ['signal', 'By signal'],
  ['time', 'By time of day (UTC)'],
] as const;

export function Contributions({
  contributions,
}: {
  readonly contributions: SymbolDetail['contributions'];
}): preact.JSX.Element {
  const lists = DIMENSIONS.map(([key, title]) => ({
    key,
    title,
    entries: Object.entries(contributions[key]),
  }));
  const all = lists.flatMap(({ entries }) => entries.map(([, usd]) => Math.abs(usd)));
  const largest = all.reduce((a, b) => Math.max(a, b), 0);
  if (all.length === 0)
    return <Empty what="Nothing attributed yet" why="P3.0 attributes profit once executions realise some." />;
  return (
    <div class="contributions">
      {lists.map(({ key, title, entries }) => (
        <table key={key}>
          <caption>{title}</caption>
          <tbody>
            {entries
              .toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a))
              .map(([name, usd]) => (
                <tr key={name}>
                  <th scope="row" title={name}>
                    {name}
                  </th>
                  <td class="contributions-bar">
                    <DivergingBar bar={largest > 0 ? usd / largest : 0} />
                  </td>
                  <td class="is-right">
                    <Money usd={usd} isSigned />
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}
