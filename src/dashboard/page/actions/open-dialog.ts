/** Which dialog is open. */
import { signal } from '@preact/signals';

export type OpenDialog =
  | { readonly kind: 'stop-entries' | 'halt' }
  /** `symbol` null: everything, and trading goes on. */
  | { readonly kind: 'rearm'; readonly symbol: string | null }
  /** `next` is opened after it: what could not be done before. */
  | { readonly kind: 'sign-in'; readonly next: OpenDialog | null };

export const dialog = signal<OpenDialog | null>(null);

export function openDialog(next: OpenDialog): void {
  dialog.value = next;
}

export function closeDialog(): void {
  dialog.value = null;
}
