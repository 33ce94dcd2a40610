/** What has to be known before anything else is read: nothing here is of now. */
import { ageWords, sentenceText } from '../../views/format.ts';
import { clock, outage } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { Time } from '../ui/time.tsx';

export function Banner(): preact.JSX.Element | null {
  const cut = outage.value;
  if (cut === null) return null;
  const age = cut.readAt === null ? null : clock.value - cut.readAt;
  return (
    <div class="banner" role="alert">
      <Icon name={cut.kind === 'link' ? 'plug' : 'octagon'} />
      <p>
        <strong>{cut.kind === 'link' ? 'Connection lost.' : 'The store does not answer.'}</strong>{' '}
        {cut.readAt === null ? (
          'Nothing was heard yet; trying again.'
        ) : (
          <>
            What you see is from <Time ts={cut.readAt} />, {ageWords(age)} ago
            {cut.kind === 'link' ? '; trying again. Trading goes on without this page.' : '.'}
          </>
        )}
        {cut.error !== null && <span class="banner-error"> {sentenceText(cut.error)}</span>}
      </p>
    </div>
  );
}
