/** How something is to be taken; the page gives each a colour and a shape. */
export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'neutral';

/** From harmless to grave, to sort by and to sum up. */
export const TONE_RANK: { readonly [T in Tone]: number } = { neutral: 0, ok: 1, info: 2, warn: 3, bad: 4 };
