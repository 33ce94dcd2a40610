/** What needs attention, gravest first; nothing is a good sign and looks like one. */
import type { Attention } from '../../views/attention.ts';
import { Link } from '../router.tsx';
import { Age } from '../ui/age.tsx';
import { TONE_ICONS } from '../ui/badge.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';

const TONE_WORDS = { bad: 'Grave', warn: 'Warning', info: 'Note', ok: 'Good', neutral: 'Note' } as const;

export function AttentionPanel({ items }: { readonly items: readonly Attention[] }): preact.JSX.Element {
  return (
    <Panel
      title={items.length === 0 ? 'Needs attention' : `Needs attention (${items.length})`}
      class="attention"
    >
      {items.length === 0 ? (
        <p class="all-well">
          <Icon name="check" />
          Nothing. Every component ticks, every input is fresh.
        </p>
      ) : (
        <ul class="attention-list" tabIndex={0} aria-label="Needs attention">
          {items.map((one) => (
            <Item key={one.key} item={one} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Item({ item }: { readonly item: Attention }): preact.JSX.Element {
  const { tone, what, detail, href, since } = item;
  return (
    <li class={`attention-item edge-${tone}`}>
      <Icon name={TONE_ICONS[tone]} />
      <div>
        <p class="attention-what">
          <span class="sr-only">{TONE_WORDS[tone]}: </span>
          {href === null ? what : <Link href={href}>{what}</Link>}
          {since !== null && (
            <span class="attention-since">
              <Age ts={since} />
            </span>
          )}
        </p>
        <p class="attention-detail">{detail}</p>
      </div>
    </li>
  );
}
