/** Position against target: the bar is the position, the long mark the target, the open mark what is proposed, the ground the budget. */
import { usdText } from '../../views/format.ts';
import { bullet, type Bullet } from '../../views/symbols-window.ts';
import type { SymbolRow } from '../../wire.ts';

/** What is what in a bar. */
export function BulletKey(): preact.JSX.Element {
  const places = { position: 0.36, target: 0.6, proposed: 0.74, budget: 0.85 };
  return (
    <p class="symbols-key soft">
      <svg class="bullet" aria-hidden="true">
        <Shapes {...places} isClipped={false} />
      </svg>
      bar position, line target, diamond proposed, ground budget
    </p>
  );
}

export function BulletBar({ row }: { readonly row: SymbolRow }): preact.JSX.Element | null {
  const view = bullet(row);
  if (view.position === null && view.target === null && view.proposed === null) return null;
  const classes = ['bullet', view.isOver ? 'is-over' : '', view.isShort ? 'is-short' : ''];
  return (
    <svg class={classes.filter(Boolean).join(' ')} role="img" aria-label={wordsOf(row, view.isOver)}>
      <Shapes {...view} />
    </svg>
  );
}

/** Lengths are shares of whatever width there is; marks keep their shape. */
function Shapes({
  position,
  target,
  proposed,
  budget,
  isClipped,
}: Pick<Bullet, 'position' | 'target' | 'proposed' | 'budget' | 'isClipped'>): preact.JSX.Element {
  return (
    <>
      <rect class="bullet-ground" y="3" width="100%" height="10" />
      {budget !== null && <rect class="bullet-budget" y="3" width={share(budget)} height="10" />}
      {position !== null && <rect class="bullet-position" y="5.5" width={share(position)} height="5" />}
      {isClipped && (
        <svg x="100%" overflow="visible">
          <path class="bullet-more" d="M-6 3l6 5l-6 5z" />
        </svg>
      )}
      {proposed !== null && (
        <svg x={share(proposed)} overflow="visible">
          <path class="bullet-proposed" d="M0 2.5l4 5.5l-4 5.5l-4 -5.5z" />
        </svg>
      )}
      {target !== null && <rect class="bullet-target" x={share(target)} y="0.5" width="2" height="15" />}
    </>
  );
}

const share = (place: number): string => `${(place * 100).toFixed(2)}%`;

function wordsOf(row: SymbolRow, isOver: boolean): string {
  const usd = (value: number | null): string => (value === null ? 'not known' : `${usdText(value)} USD`);
  const over = isOver ? ', over its target' : '';
  return `Position ${usd(row.position_usd)}${over}; target ${usd(row.target_usd)}, proposed ${usd(row.proposed_usd)}, budget ${usd(row.budget_usd)}`;
}
