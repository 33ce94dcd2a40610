/** The few shapes the page uses, drawn here so that nothing has to be loaded. Decoration only: a word stands beside each. */

export type IconName = keyof typeof PATHS;

/** Strokes on a field of 16 × 16. */
const PATHS = {
  check: 'M3 8.5l3.2 3.2L13 4.8',
  cross: 'M4 4l8 8M12 4l-8 8',
  triangle: 'M8 2.2L14.6 13.6H1.4zM8 6.4v3.2M8 11.6v.1',
  octagon: 'M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2zM8 4.8v4M8 11v.1',
  info: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.4v3.8M8 4.8v.1',
  dot: 'M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4z',
  ring: 'M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6z',
  play: 'M4.5 2.6v10.8L13 8z',
  pause: 'M4 3h2.4v10H4zM9.6 3H12v10H9.6z',
  stop: 'M3.4 3.4h9.2v9.2H3.4z',
  down: 'M3.6 6l4.4 4.6L12.4 6',
  right: 'M6 3.6l4.6 4.4L6 12.4',
  up: 'M3.6 10L8 5.4l4.4 4.6',
  clock: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 4.4V8l2.4 1.8',
  plug: 'M5.4 1.8v3.6M10.6 1.8v3.6M3.6 5.4h8.8v2.2a4.4 4.4 0 0 1-8.8 0zM8 12v2.4',
  theme: 'M8 1.8a6.2 6.2 0 1 0 0 12.4zM8 1.8a6.2 6.2 0 0 1 0 12.4',
  lock: 'M3.6 7.2h8.8v6.4H3.6zM5.4 7.2V5a2.6 2.6 0 0 1 5.2 0v2.2',
  skip: 'M2.6 8h8M7.6 4.6L11 8l-3.4 3.4M13.4 3.4v9.2',
  minus: 'M3 8h10',
  gauge: 'M2 12.4a6.4 6.4 0 1 1 12 0M8 10.6l3-4.4',
  list: 'M5.6 4h8M5.6 8h8M5.6 12h8M2.4 4h.1M2.4 8h.1M2.4 12h.1',
  grid: 'M2.4 2.4h4.4v4.4H2.4zM9.2 2.4h4.4v4.4H9.2zM2.4 9.2h4.4v4.4H2.4zM9.2 9.2h4.4v4.4H9.2z',
  layers: 'M8 2.2l6 3-6 3-6-3zM2 8.4l6 3 6-3M2 11.4l6 3 6-3',
  shield: 'M8 1.8l5.4 2v4c0 3.2-2.2 5.4-5.4 6.6-3.2-1.2-5.4-3.4-5.4-6.6v-4zM5.6 8l1.8 1.8L10.8 6.4',
  bell: 'M3.2 11.6h9.6L11.4 9.6V6.8a3.4 3.4 0 0 0-6.8 0v2.8zM6.8 13.8h2.4',
} as const;

export function Icon({ name }: { readonly name: IconName }): preact.JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
