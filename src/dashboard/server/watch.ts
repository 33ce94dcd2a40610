/** What there is to be known about the dashboard itself: its metrics, its health and the lines of its log. */
import { MetricBook } from '../../runtime/metrics/book.ts';
import { VERSION } from '../../contract/version.ts';
import type { Health, Readiness } from '../../runtime/http/serve.ts';
import type { Log } from '../../runtime/log/log.ts';
import type { Feed } from '../feed-port.ts';
import type { ActionResult } from '../wire.ts';
import type { Problem } from './problem.ts';

export interface WatchOptions {
  readonly feed: Pick<Feed, 'snapshot' | 'subscribe' | 'trouble'>;
  readonly log: Log;
  readonly nowMs: () => number;
  /** Where the store is, as other components say it in their health. */
  readonly storeKind: 'redis' | 'memory';
  /** Whether a bug ended what reads the store: nothing here is news any more. */
  readonly hasFailed: () => boolean;
}

/** A reading older than this says that nothing is read any more. */
const OLD_SEC = 10;
/** A page full of mistakes reports many; these are enough to find them. */
const MAX_REPORT_LINES = 20;
/** Reasons that say that someone may not do something. */
const REFUSALS: ReadonlySet<string> = new Set([
  'unauthorized',
  'forbidden',
  'csrf',
  'confirm',
  'nonce',
  'rate_limited',
]);

export class DashboardWatch {
  readonly book = new MetricBook('dashboard', { maxSymbols: 1, nameOf: String });
  readonly #options: WatchOptions;
  readonly #requests = this.book.counter('dashboard_requests_total');
  readonly #refused = this.book.counter('dashboard_refused_total');
  readonly #actions = this.book.counter('dashboard_actions_total');
  readonly #reports = this.book.counter('dashboard_csp_reports_total');
  readonly #clients = this.book.gauge('dashboard_clients');
  /** When the store was last seen to be read, and what its clock said then. */
  #readMs: number | null = null;
  #readAt: number | null = null;
  #clientCount = 0;
  #reportLines = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
    options.feed.subscribe(() => this.#look());
    const age = this.book.gauge('dashboard_feed_age_seconds');
    this.book.beforeScrape(() => age.set(this.#ageSec() ?? Number.NaN));
  }

  clients(count: number): void {
    this.#clientCount = count;
    this.#clients.set(count);
  }

  answered(route: string, status: number): void {
    this.#requests.add(route, String(status));
  }

  refused({ code, message }: Problem, route: string): void {
    if (!REFUSALS.has(code)) return;
    this.#refused.add(code);
    this.#options.log.warn({ route, reason: code }, `refused: ${message}`);
  }

  acted(
    action: string,
    { by, reason }: { readonly by: string; readonly reason: string },
    did: ActionResult,
  ): void {
    this.#actions.add(action);
    const { state, rearmed, voided, took_ms } = did;
    this.#options.log.warn(
      { action, by, reason, state, rearmed, voided, took_ms },
      `${action}, trading is ${state}`,
    );
  }

  /** Text of a browser, as long as the request could be. */
  cspReport(text: string): void {
    this.#reports.add();
    if (++this.#reportLines <= MAX_REPORT_LINES)
      this.#options.log.warn({ report: text }, 'a browser kept the page from doing something');
  }

  failed(error: unknown, route: string): void {
    this.#options.log.error({ err: error, route }, 'a request failed');
  }

  get hasFailed(): boolean {
    return this.#options.hasFailed();
  }

  health(): Health {
    const { feed, storeKind } = this.#options;
    const ageSec = this.#ageSec();
    const isRead = feed.snapshot !== null;
    const isReached = feed.snapshot?.overview.store.error === null;
    return {
      status: this.hasFailed
        ? 'failing'
        : isRead
          ? isReached && ageSec! < OLD_SEC
            ? 'ok'
            : 'degraded'
          : 'starting',
      service: 'dashboard',
      mode: null,
      version: VERSION,
      redis: isReached ? (storeKind === 'memory' ? 'embedded' : 'ok') : 'not read',
      last_tick: feed.snapshot?.overview.read_at ?? null,
      lag: ageSec,
      clients: this.#clientCount,
    };
  }

  ready(): Readiness {
    if (this.hasFailed) return { ready: false, why: 'the store is read no more; the log says why' };
    const { snapshot, trouble } = this.#options.feed;
    if (snapshot !== null) return { ready: true, why: null };
    // Whoever asks may not be allowed to read: what exactly is wrong is in the log.
    const why =
      trouble === null ? 'nothing was read from the store yet' : 'the store cannot be read; the log says why';
    return { ready: false, why };
  }

  #ageSec(): number | null {
    this.#look();
    return this.#readMs === null ? null : (this.#options.nowMs() - this.#readMs) / 1000;
  }

  #look(): void {
    const readAt = this.#options.feed.snapshot?.overview.read_at ?? null;
    if (readAt === null || readAt === this.#readAt) return;
    this.#readAt = readAt;
    this.#readMs = this.#options.nowMs();
  }
}
