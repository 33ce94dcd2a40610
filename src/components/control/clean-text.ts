/** Names and reasons that people type, fit for logs and streams. */

export const MAX_BY_LENGTH = 64;
export const MAX_REASON_LENGTH = 300;

/** One line, no control characters, at most so long; the rest is cut. */
export function cleanText(text: string, maxLength: number): string {
  return Array.from(text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim())
    .slice(0, maxLength)
    .join('')
    .trim();
}

export const cleanBy = (text: string): string => cleanText(text, MAX_BY_LENGTH);
export const cleanReason = (text: string): string => cleanText(text, MAX_REASON_LENGTH);
