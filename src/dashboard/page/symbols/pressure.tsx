/** Which way capital is pressed: an arrow and its word, told apart by shape. */
import type { Tone } from '../../views/tone.ts';
import { Badge } from '../ui/badge.tsx';
import type { IconName } from '../ui/icon.tsx';
import { Unknown } from '../ui/unknown.tsx';

const LOOKS = new Map<string, { readonly icon: IconName; readonly tone: Tone }>([
  ['INCREASE', { icon: 'up', tone: 'ok' }],
  ['HOLD', { icon: 'minus', tone: 'neutral' }],
  ['DECREASE', { icon: 'down', tone: 'warn' }],
]);

export function Pressure({ pressure }: { readonly pressure: string | null }): preact.JSX.Element {
  if (pressure === null) return <Unknown what="no pressure yet" />;
  const { icon, tone } = LOOKS.get(pressure) ?? { icon: 'dot', tone: 'neutral' };
  return <Badge tone={tone} icon={icon} text={pressure} />;
}
