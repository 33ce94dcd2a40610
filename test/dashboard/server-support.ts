/** A dashboard's server for tests: a feed that says what it is told to, a real deployment behind the actions, and requests with every header under control. */
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { serveDashboard, type DashboardOptions } from '../../src/dashboard/server/serve.ts';
import { ROUTES, type Route, type RouteName } from '../../src/dashboard/server/routes.ts';
import { createLog } from '../../src/runtime/log/log.ts';
import { deployed } from '../support/live-governor.ts';
import type { Feed, NumberedPatch } from '../../src/dashboard/feed-port.ts';
import type {
  EventRow,
  Overview,
  Patch,
  Session,
  Snapshot,
  SymbolRow,
  Verdict,
} from '../../src/dashboard/wire.ts';
import type { Listening } from '../../src/runtime/http/listen.ts';

export const READ = 'read-token-for-tests';
export const STOP = 'stop-token-for-tests';
export const REARM = 'rearm-token-for-tests';

export function sampleSymbol(symbol: string): SymbolRow {
  return {
    ...{ symbol, cluster: 'L1', regime: 'TREND', profit_usd: 12.5, executions: 3, last_execution_ts: 1000 },
    ...{ spark: [1, 2, 12.5], performance_factor: 0.4, alpha_score: 0.5, performance_confidence: 0.9 },
    ...{ performance_ts: 1000, performance_mode: 'enforce', budget_usd: 1000, budget_ts: 1000 },
    ...{ target_usd: 900, base_target_usd: 950, target_confidence: 0.8, target_ts: 1000 },
    ...{ target_mode: 'shadow', shadow_target_usd: 900, shadow_target_ts: 1000, proposed_usd: 880 },
    ...{ multiplier: 0.9778, proposed_reason: 'ok', proposed_ts: 1000, efficiency: 0.5 },
    ...{ efficiency_ewma: 0.5, pressure: 'HOLD', reallocation_weight: 1, efficiency_confidence: 0.9 },
    ...{ stale_flags: '', efficiency_ts: 1000, efficiency_mode: 'enforce', position_amt: 0.5 },
    ...{ position_usd: 500, position_ts: 1000, mark_price: 1000, mark_ts: 1000, disarmed: null },
  };
}

export const VERDICT: Verdict = {
  ...{ id: '5-0', ts: 1000, outcome: 'blocked', plan_id: 'p1', symbol: 'BTCUSDT', bot: 'b', action: 'OPEN' },
  ...{ side: 'BUY', reduce_only: false, qty: 1, notional_usd: 100, downsize_factor: null, expires_at: null },
  ...{ reason: 'burst_limit_exceeded', gate: 'burst', value: 3, limit: 2, setting: 'GOV_MAX_EXEC_PER_5MIN' },
  gates: [],
};
const EVENT: EventRow = {
  id: '6-0',
  ts: 1001,
  event: 'KILL_SWITCH',
  symbol: null,
  fields: { by: 'ann', reason: '<b>x</b>' },
};

export function sampleSnapshot(symbols = ['BTCUSDT', 'ETHUSDT']): Snapshot {
  return {
    overview: {
      ...{ version: '0.1.0', namespace: 'quantum', kind: 'paper', rate: 60, read_at: 1000 },
      store: { kind: 'memory', where: 'embedded', error: null },
      apply_mode: 'testnet',
      trading: null,
      account: null,
      components: [],
      inputs: [],
      streams: [],
      totals: {
        ...{ symbols: symbols.length, profit_usd: 25, profit_since: 900, executions: 6, budget_usd: 2000 },
        ...{ target_usd: 1800, position_usd: 1000, permits: 1, blocks: 1, unpermitted: 0 },
      },
    },
    symbols: symbols.map(sampleSymbol),
    verdicts: [VERDICT],
    events: [EVENT],
    equity: [[1000, 100_000, 0.01]],
  };
}

/** A feed that does what the test says. */
export class FakeFeed implements Feed {
  snapshot: Snapshot | null;
  trouble: string | null = null;
  refreshed = 0;
  readonly #listeners = new Set<(next: NumberedPatch) => void>();
  readonly #kept: NumberedPatch[] = [];
  #number = 0;

  constructor(snapshot: Snapshot | null = sampleSnapshot()) {
    this.snapshot = snapshot;
  }

  get lastId(): string {
    return `fake-${this.#number}`;
  }

  push(patch: Patch): string {
    this.#number++;
    const next = { id: this.lastId, patch };
    if (this.snapshot !== null)
      this.snapshot = {
        ...this.snapshot,
        overview: { ...this.snapshot.overview, ...(patch.overview as Partial<Overview> as Overview) },
      };
    this.#kept.push(next);
    if (this.#kept.length > 20) this.#kept.shift();
    for (const listener of this.#listeners) listener(next);
    return next.id;
  }

  since(id: string): readonly NumberedPatch[] | null {
    const at = /^fake-(\d+)$/.exec(id);
    if (at === null) return null;
    const after = Number(at[1]);
    if (after > this.#number || after < this.#number - this.#kept.length) return null;
    return this.#kept.filter((one) => Number(one.id.slice(5)) > after);
  }

  subscribe(listener: (next: NumberedPatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  refresh(): Promise<void> {
    this.refreshed++;
    return Promise.resolve();
  }

  detail(symbol: string): ReturnType<Feed['detail']> {
    const row = this.snapshot?.symbols.find((one) => one.symbol === symbol);
    if (row === undefined) return null;
    const contributions = { regime: { TREND: 5 }, cluster: {}, signal: {}, time: {} };
    const series = { profit: [], efficiency: [], target: [], budget: [], proposed: [], position: [] };
    return { row, series, contributions };
  }

  attribution(...[x, y]: Parameters<Feed['attribution']>): ReturnType<Feed['attribution']> {
    const rest = { from: null, to: null, executions: 0, profit_usd: 0, cells: [] };
    return { x, y, ...rest, x_names: [], y_names: [], x_totals: [], y_totals: [] };
  }

  verdicts({ symbol, outcome, limit }: Parameters<Feed['verdicts']>[0]): readonly Verdict[] {
    return (this.snapshot?.verdicts ?? [])
      .filter((one) => (symbol ?? one.symbol) === one.symbol && (outcome ?? one.outcome) === one.outcome)
      .slice(0, limit);
  }

  events({ event, limit }: Parameters<Feed['events']>[0]): readonly EventRow[] {
    return (this.snapshot?.events ?? []).filter((one) => (event ?? one.event) === one.event).slice(0, limit);
  }
}

export interface Server extends Listening {
  readonly feed: FakeFeed;
  readonly deployment: DashboardOptions['deployment'];
  /** Lines of its log. */
  readonly log: string[];
}

/** Ends with the test. Every token is set unless told. */
export async function dashboard(
  options: Partial<Omit<DashboardOptions, 'feed'>> & { readonly feed?: FakeFeed } = {},
): Promise<Server> {
  const lines: string[] = [];
  const log = createLog({
    level: 'debug',
    service: 'dashboard',
    destination: { write: (line) => void lines.push(line) },
  });
  const { feed = new FakeFeed(), deployment = await deployed(), ...rest } = options;
  const listening = await serveDashboard({
    ...{ feed, deployment, log, host: '127.0.0.1', port: 0, portSetting: 'DASHBOARD_METRICS_PORT' },
    tokens: { read: null, stop: STOP, rearm: REARM },
    allowedHosts: [],
    explain: () => Promise.resolve(null),
    ...rest,
  });
  onTestFinished(async () => {
    await listening.close();
  });
  return { ...listening, feed, deployment, log: lines };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** An object is sent as JSON. */
  readonly body?: string | object;
}

/** Sends exactly these headers, and a body's length and type unless they are among them. */
export function ask({ port }: Pick<Listening, 'port'>, path: string, asked: Asked = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = asked;
  const text = typeof body === 'object' ? JSON.stringify(body) : (body ?? '');
  const sent = {
    ...(body === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) }),
    ...headers,
  };
  const all = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
  return new Promise((resolve, reject) => {
    const going = request(
      { host: '127.0.0.1', port, path, method, headers: all, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('latin1'),
          }),
        );
        response.on('error', reject);
      },
    );
    going.on('error', reject);
    going.end(text);
  });
}

export const json = ({ body }: Pick<Answer, 'body'>): unknown =>
  JSON.parse(Buffer.from(body, 'latin1').toString());

export interface Opened {
  readonly cookie: string;
  readonly csrf: string;
}

/** A session as the page opens it, and the headers its actions carry. */
export async function session(server: Server, token = STOP): Promise<Opened> {
  const answer = await ask(server, '/api/v1/session', { method: 'POST', body: { token } });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  const cookie = answer.headers['set-cookie']![0]!.split(';')[0]!;
  return { cookie, csrf: (json(answer) as Session).csrf! };
}

export const ownHeaders = ({ port }: Server, { cookie, csrf }: Opened): Record<string, string> => ({
  Host: `127.0.0.1:${port}`,
  Origin: `http://127.0.0.1:${port}`,
  'Sec-Fetch-Site': 'same-origin',
  Cookie: cookie,
  'X-CSRF-Token': csrf,
});

/** Sends bytes as they are; resolves with all that came back, and when, once the other side closes. */
export function raw(
  { port }: Pick<Listening, 'port'>,
  bytes: string,
): Promise<{ text: string; tookMs: number }> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve({ text, tookMs: performance.now() - startMs }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET') reject(error);
    });
  });
}

export const ROUTE_LIST = Object.entries(ROUTES) as [RouteName, Route][];
