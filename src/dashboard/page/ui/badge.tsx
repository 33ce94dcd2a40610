/** A word with a tone: the shape in front of it says the same as its colour. */
import type { Tone } from '../../views/tone.ts';
import { Icon, type IconName } from './icon.tsx';

export function Badge({
  tone,
  text,
  icon = TONE_ICONS[tone],
  title,
}: {
  readonly tone: Tone;
  readonly text: string;
  readonly icon?: IconName;
  readonly title?: string;
}): preact.JSX.Element {
  return (
    <span class={`badge tone-${tone}`} title={title}>
      <Icon name={icon} />
      {text}
    </span>
  );
}

export const TONE_ICONS: { readonly [T in Tone]: IconName } = {
  ok: 'check',
  warn: 'triangle',
  bad: 'octagon',
  info: 'info',
  neutral: 'dot',
};
