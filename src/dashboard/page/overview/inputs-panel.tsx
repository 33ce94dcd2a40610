/** What others write: how fresh it is, and how much of it comes. */
import type { Overview } from '../../wire.ts';
import { ageText, decimalText } from '../../views/format.ts';
import { Age } from '../ui/age.tsx';
import { Badge } from '../ui/badge.tsx';
import { Empty } from '../ui/empty.tsx';
import { Panel } from '../ui/panel.tsx';
import { Unknown } from '../ui/unknown.tsx';

interface InputLine {
  readonly input: string;
  readonly newest: number;
  readonly limitSec: number | null;
  readonly perMinute: number | null;
  readonly entries: number | null;
}

export function InputsPanel({ overview }: { readonly overview: Overview }): preact.JSX.Element {
  const lines = linesOf(overview);
  return (
    <Panel
      title="Inputs"
      class="inputs"
      actions={<Badge tone="neutral" icon="info" text={storeText(overview)} title={overview.store.where} />}
    >
      {lines.length === 0 ? (
        <Empty
          what="Nothing came in yet"
          why="Executions, plans and market data come by streams and hashes other programs write: “ballast doctor” says what is missing."
        />
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Input</th>
              <th scope="col" class="is-right">
                Newest
              </th>
              <th scope="col" class="is-right">
                Limit
              </th>
              <th scope="col" class="is-right">
                Per minute
              </th>
              <th scope="col" class="is-right is-minor">
                Entries
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ input, newest, limitSec, perMinute, entries }) => (
              <tr key={input}>
                <th scope="row">
                  <code>{input}</code>
                </th>
                <td class="is-right">
                  <Age ts={newest} {...(limitSec === null ? {} : { limitSec })} />
                </td>
                <td class="is-right soft">
                  {limitSec === null ? <Unknown what="none" /> : ageText(limitSec)}
                </td>
                <td class="is-right">
                  {perMinute === null ? <Unknown what="no stream" /> : decimalText(perMinute, 0)}
                </td>
                <td class="is-right is-minor">
                  {entries === null ? <Unknown what="no stream" /> : decimalText(entries, 0)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** An input with a limit may be a stream too: one line for both. */
function linesOf({ inputs, streams, read_at: readAt }: Overview): InputLine[] {
  const limits = new Map(inputs.map((one) => [bareName(one.input), one]));
  const paced = new Map(streams.map((one) => [bareName(one.input), one]));
  return [...new Set([...limits.keys(), ...paced.keys()])].map((name) => {
    const limit = limits.get(name);
    const stream = paced.get(name);
    return {
      input: name,
      newest: readAt - (limit?.age_sec ?? stream?.newest_age_sec ?? 0),
      limitSec: limit?.limit_sec ?? null,
      perMinute: stream?.per_minute ?? null,
      entries: stream?.entries ?? null,
    };
  });
}

function bareName(input: string): string {
  return input.replace(/^stream:/, '');
}

function storeText({ store, apply_mode: applyMode, version }: Overview): string {
  return `${store.kind === 'redis' ? 'Redis' : 'embedded store'}, ${applyMode.replace('_', ' ')}, ${version}`;
}
