/**
 * Follows the server: one snapshot, then patches, each applied in order. The browser resumes a cut connection by itself with the last
 * id it saw; where it gives up, or nothing is heard for a while, this begins again, and the server sends what is missing or everything.
 */
import { batch } from '@preact/signals';
import type { Patch, Snapshot } from '../wire.ts';
import { applyPatch } from '../views/apply-patch.ts';
import { clock, link, snapshot } from './state.ts';

/** The server sends at least a beat every 5 s. */
const SILENCE_MS = 12_000;
const CLOCK_MS = 500;
/** A browser has six connections to a host: tabs nobody looks at must not keep them all from the one that halts. */
const HIDDEN_MS = 30_000;
const RETRY_MIN_MS = 1000;
const RETRY_MAX_MS = 15_000;

/** What the store's clock was, and when that was heard: both are needed to tell it between two messages. */
let reading = { atSec: Date.now() / 1000, heardMs: performance.now(), rate: 1 };

/** Begins to follow, until the returned function is called. */
export function follow(): () => void {
  let source: EventSource | null = null;
  let retryMs = RETRY_MIN_MS;
  let heardMs = performance.now();
  /** When to begin again, unless something is heard before. */
  let openAtMs = heardMs;
  let hiddenAtMs: number | null = null;

  const hear = (apply: () => void): void => {
    heardMs = performance.now();
    openAtMs = heardMs + SILENCE_MS;
    retryMs = RETRY_MIN_MS;
    batch(() => {
      apply();
      link.value = 'live';
    });
  };
  const open = (): void => {
    source?.close();
    openAtMs = performance.now() + SILENCE_MS;
    const opened = new EventSource('/api/v1/stream');
    source = opened;
    opened.addEventListener('snapshot', (event: MessageEvent<string>) => {
      hear(() => replaceAll(JSON.parse(event.data) as Snapshot));
    });
    opened.addEventListener('patch', (event: MessageEvent<string>) => {
      hear(() => change(JSON.parse(event.data) as Patch));
    });
    opened.addEventListener('beat', () => hear(() => undefined));
    opened.addEventListener('error', () => {
      if (link.value === 'live') link.value = 'connecting';
      // Anything else than closed the browser mends by itself, and resumes.
      if (opened.readyState !== EventSource.CLOSED) return;
      openAtMs = performance.now() + retryMs;
      retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
    });
  };
  const watch = setInterval(() => {
    clock.value = estimate();
    const nowMs = performance.now();
    if (hiddenAtMs !== null && nowMs - hiddenAtMs >= HIDDEN_MS) {
      source?.close();
      link.value = 'connecting';
      return;
    }
    if (nowMs - heardMs >= SILENCE_MS) link.value = 'lost';
    // A connection may be dead without either side knowing: it is made anew.
    if (nowMs >= openAtMs) open();
  }, CLOCK_MS);

  const look = (): void => {
    const wasCut = hiddenAtMs !== null && performance.now() - hiddenAtMs >= HIDDEN_MS;
    hiddenAtMs = document.hidden ? performance.now() : null;
    if (!wasCut || document.hidden) return;
    heardMs = performance.now();
    open();
  };
  document.addEventListener('visibilitychange', look);

  open();
  return () => {
    document.removeEventListener('visibilitychange', look);
    clearInterval(watch);
    source?.close();
  };
}

function replaceAll(next: Snapshot): void {
  snapshot.value = next;
  read(next);
}

/** A patch before any snapshot says nothing: the server begins every connection that it does not know with a snapshot. */
function change(patch: Patch): void {
  if (snapshot.value === null) return;
  snapshot.value = applyPatch(snapshot.value, patch);
  if (patch.overview?.read_at !== undefined) read(snapshot.value);
}

function read({ overview }: Snapshot): void {
  reading = { atSec: overview.read_at, heardMs: performance.now(), rate: overview.rate };
  clock.value = estimate();
}

function estimate(): number {
  return reading.atSec + (reading.rate * (performance.now() - reading.heardMs)) / 1000;
}
