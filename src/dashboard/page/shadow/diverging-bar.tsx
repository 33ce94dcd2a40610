/** A bar to the right of the middle for more, to the left for less; the number stands beside it. */

const WIDTH = 120;

/** `bar` −1..1. */
export function DivergingBar({ bar }: { readonly bar: number }): preact.JSX.Element {
  const half = WIDTH / 2;
  const length = Math.min(1, Math.abs(bar)) * (half - 1);
  return (
    <svg
      class={`diverging ${bar < 0 ? 'is-less' : 'is-more'}`}
      viewBox={`0 0 ${WIDTH} 12`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {length > 0 && <rect x={bar < 0 ? half - length : half} y="2" width={Math.max(1, length)} height="8" />}
      <path d={`M${half} 0V12`} />
    </svg>
  );
}
