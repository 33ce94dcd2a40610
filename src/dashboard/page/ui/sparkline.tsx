/** A line the size of a word: shape only, the numbers stand beside it. */
import { decimalText } from '../../views/format.ts';
import { sparkPath } from '../../views/spark-path.ts';
import { Unknown } from './unknown.tsx';

const WIDTH = 96;
const HEIGHT = 22;

/** `label` says what it is of: `profit after each execution`. */
export function Sparkline({
  values,
  label = 'values',
}: {
  readonly values: readonly number[];
  readonly label?: string;
}): preact.JSX.Element {
  const path = sparkPath(values, WIDTH, HEIGHT);
  if (path === null) return <Unknown what={`${label}: too few to draw`} />;
  const [first = 0] = values;
  const last = values.at(-1) ?? 0;
  // As the number beside it: where it ends, not which way it went.
  const tone = last > 0 ? 'is-gain' : last < 0 ? 'is-loss' : 'is-level';
  const name = `${label}: ${values.length} values, from ${decimalText(first)} to ${decimalText(last)}`;
  return (
    <svg class={`spark ${tone}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={name}>
      {path.zeroY !== null && <path class="spark-zero" d={`M0 ${path.zeroY}H${WIDTH}`} />}
      <path class="spark-line" d={path.line} />
      <circle class="spark-end" cx={path.endX} cy={path.endY} r="2" />
    </svg>
  );
}
