/** Colour for signs and headings, decided once and passed on as `{ colour }`; the functions themselves are pure. */

export interface Colouring {
  readonly colour: boolean;
}

/** FORCE_COLOR (not empty, not 0) wins, then NO_COLOR (not empty), then TERM=dumb, then whether it is a terminal. */
export function wantsColour(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false;
  return isTTY;
}

/** Green above zero, red below, plain at zero and for NaN. */
export function signed(text: string, value: number, { colour }: Colouring): string {
  if (!colour || !(value > 0 || value < 0)) return text;
  return value > 0 ? `\u001b[32m${text}\u001b[39m` : `\u001b[31m${text}\u001b[39m`;
}

export function bold(text: string, { colour }: Colouring): string {
  return colour ? `\u001b[1m${text}\u001b[22m` : text;
}

export function dim(text: string, { colour }: Colouring): string {
  return colour ? `\u001b[2m${text}\u001b[22m` : text;
}
