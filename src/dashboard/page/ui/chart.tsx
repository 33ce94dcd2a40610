/** A uPlot chart that follows its place's width, the theme and its data. Its own legend stays off: views write their own. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { isDark } from '../preferences.ts';
import { zone } from '../state.ts';

export interface ChartColours {
  readonly text: string;
  readonly grid: string;
  readonly fill: string;
  readonly surface: string;
  /** Of the first to the fourth line. */
  readonly lines: readonly [string, string, string, string];
  readonly font: string;
}

/** `options` is called again when the theme, the zone or `remake` changes; data alone is only set. `label` is read out instead of the drawing. */
export function Chart({
  options,
  data,
  height,
  label,
  remake = '',
}: {
  readonly options: (colours: ChartColours) => Omit<uPlot.Options, 'width' | 'height'>;
  readonly data: uPlot.AlignedData;
  /** At least; where its place is higher, it fills it. */
  readonly height: number;
  readonly label: string;
  readonly remake?: string;
}): preact.JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const dark = isDark.value;
  const timeZone = zone.value;
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new uPlot(
      {
        legend: { show: false },
        tzDate: (ts) =>
          timeZone === 'utc' ? uPlot.tzDate(new Date(ts * 1000), 'Etc/UTC') : new Date(ts * 1000),
        ...options(coloursOf(element)),
        ...sizeOf(element),
      },
      data,
      element,
    );
    chart.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize(sizeOf(element));
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [dark, timeZone, remake]);
  useEffect(() => {
    chart.current?.setData(data);
  }, [data]);
  return <div ref={place} class="plot" style={{ minHeight: `${height}px` }} role="img" aria-label={label} />;
}

/** Axes as all charts have them. */
export function axisOf(colours: ChartColours): Pick<uPlot.Axis, 'stroke' | 'font' | 'grid' | 'ticks'> {
  const line = { stroke: colours.grid, width: 1 };
  return { stroke: colours.text, font: `11px ${colours.font}`, grid: line, ticks: { ...line, size: 4 } };
}

/** The axis of time below. */
export function timeAxisOf(colours: ChartColours): uPlot.Axis {
  return { ...axisOf(colours), values: TIME_FORMATS, space: 72, size: 40 };
}

/** `14:05`, with the day where a day begins: the same in both zones. */
const TIME_FORMATS: uPlot.Axis.Values = [
  [86_400, '{MM}-{DD}', null, null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
];

function sizeOf(element: HTMLElement): { readonly width: number; readonly height: number } {
  return { width: Math.max(120, element.clientWidth), height: Math.max(80, element.clientHeight) };
}

function coloursOf(element: HTMLElement): ChartColours {
  const style = getComputedStyle(element);
  const read = (name: string): string => colourIn(element, name);
  return {
    text: read('--text-soft'),
    grid: read('--chart-grid'),
    fill: read('--chart-fill'),
    surface: read('--surface'),
    lines: [read('--line-1'), read('--line-2'), read('--line-3'), read('--line-4')],
    font: style.fontFamily,
  };
}

/** A canvas does not know `light-dark()`: the browser is asked what it comes to. */
export function colourIn(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
