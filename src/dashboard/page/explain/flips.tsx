/** What would have turned the verdict: changes that were judged again, the smallest first. */
import type { Flip } from '../../views/explanation.ts';
import { flipViews } from '../../views/explanation.ts';
import { percentText } from '../../views/format.ts';
import { Badge } from '../ui/badge.tsx';
import { Empty } from '../ui/empty.tsx';

export function Flips({
  flips,
  note,
}: {
  readonly flips: readonly Flip[];
  readonly note: string | null;
}): preact.JSX.Element {
  if (flips.length === 0)
    return (
      <Empty
        what="No change was found that turns it"
        why={note ?? 'None of the changes tried turned the verdict.'}
      />
    );
  return (
    <>
      <ol class="flips">
        {flipViews(flips).map(({ key, changes, becomes, reason, size }, index) => (
          <li key={key} class={index === 0 ? 'flip is-smallest' : 'flip'}>
            <ul>
              {changes.map(({ text, kindWord, input }, changeIndex) => (
                <li key={input}>
                  {changeIndex > 0 && <span class="soft">and </span>}
                  <b>{text}</b> <small class="soft">({kindWord})</small>
                </li>
              ))}
            </ul>
            <p class="flip-becomes">
              <Badge
                tone={becomes === 'permitted' ? 'ok' : 'bad'}
                text={becomes}
                title="Judged again with this change, on what was recorded"
              />
              {reason !== null && <code>{reason}</code>}
              <small class="soft">
                proven by judging again{size === null ? '' : `; ${percentText(size, 0)} off`}
              </small>
            </p>
          </li>
        ))}
      </ol>
      {note !== null && <p class="flips-note soft">{note}</p>}
    </>
  );
}
