/** What this browser remembers of whoever looks: zone and theme. Without storage it is forgotten with the page. */
import { effect, signal } from '@preact/signals';
import { zone } from './state.ts';

export type Theme = 'system' | 'light' | 'dark';

const ZONE_KEY = 'ballast-zone';
const THEME_KEY = 'ballast-theme';

export const theme = signal<Theme>('system');

/** Whether dark is what is seen; charts draw their own colours. */
export const isDark = signal(false);

/** Reads what was remembered, and writes what is chosen from now on. */
export function startPreferences(): void {
  zone.value = recall(ZONE_KEY) === 'local' ? 'local' : 'utc';
  const remembered = recall(THEME_KEY);
  theme.value = remembered === 'light' || remembered === 'dark' ? remembered : 'system';
  const system = matchMedia('(prefers-color-scheme: dark)');
  const systemIsDark = signal(system.matches);
  system.addEventListener('change', (event) => {
    systemIsDark.value = event.matches;
  });
  effect(() => remember(ZONE_KEY, zone.value));
  effect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme.value;
    isDark.value = theme.value === 'system' ? systemIsDark.value : theme.value === 'dark';
    remember(THEME_KEY, theme.value);
  });
}

/** Storage may be forbidden; then it is as if nothing had been chosen. */
function recall(key: string): string | null {
  return withStorage((storage) => storage.getItem(key)) ?? null;
}

function remember(key: string, value: string): void {
  withStorage((storage) => storage.setItem(key, value));
}

function withStorage<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage);
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
