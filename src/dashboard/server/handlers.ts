/** What each route of the API does, once it is known who asks and what for. */
import { Actions, cleaned } from './actions.ts';
import { NONCE_LIFE_SEC } from './sessions.ts';
import { openApiDocument } from './openapi.ts';
import { Problem } from './problem.ts';
import type { Access, Caller } from './access.ts';
import type { Call, Given } from './call.ts';
import type { RouteName, Routes } from './routes.ts';
import type { Feed } from '../feed-port.ts';
import type { ActionResult, Snapshot } from '../wire.ts';
import type { Explanation } from '../../ops/explain/explanation.ts';

/** Asks for what was recorded; null: nothing is known of it. */
export type Explain = (
  what: { readonly plan: string } | { readonly symbol: string },
) => Promise<Explanation | null>;

export interface HandlerOptions {
  readonly feed: Feed;
  readonly access: Access;
  readonly actions: Actions;
  readonly explain: Explain;
  readonly onAction: (action: string, wanted: { by: string; reason: string }, did: ActionResult) => void;
}

/** Those that answer by themselves: they write to the connection, or set a cookie. */
type Plain = Exclude<RouteName, 'stream' | 'login' | 'logout' | 'report'>;
export type Handlers = {
  readonly [Name in Plain]: (call: Call<Routes[Name]>) => Promise<Given<Routes[Name]>> | Given<Routes[Name]>;
};

/** Explanations under way at once: each reads a few thousand entries. */
const MAX_EXPLAINING = 4;

export function handlersOf(options: HandlerOptions): Handlers {
  const { feed, access, actions } = options;
  const explained = limited(options.explain);
  const document = openApiDocument();
  const act = async (
    action: string,
    confirm: string,
    call: { readonly body: { readonly by: string; readonly reason: string; readonly confirm: string } },
    done: (wanted: { by: string; reason: string }) => Promise<ActionResult>,
  ): Promise<ActionResult> => {
    const wanted = cleaned(call.body);
    if (call.body.confirm !== confirm) throw new Problem('confirm', `confirm has to be ${confirm}`);
    const did = await done(wanted);
    options.onAction(action, wanted, did);
    return did;
  };
  return {
    snapshot: () => read(feed),
    symbol: ({ params: { symbol } }) => {
      read(feed);
      return feed.detail(symbol) ?? notKnown('symbol', symbol);
    },
    symbolExplanation: async ({ params: { symbol } }) => {
      const found = SYMBOL.test(symbol) ? await explained({ symbol }) : null;
      return found?.subject === 'symbol' ? found : notKnown('symbol', symbol);
    },
    planExplanation: async ({ params: { plan_id } }) => {
      const found = PLAN.test(plan_id) ? await explained({ plan: plan_id }) : null;
      return found?.subject === 'plan' ? found : notKnown('plan', plan_id);
    },
    attribution: ({ query: { x, y, symbol } }) => {
      read(feed);
      return feed.attribution(x, y, symbol ?? null);
    },
    verdicts: ({ query: { symbol, outcome, limit } }) => {
      read(feed);
      return feed.verdicts({ symbol: symbol ?? null, outcome: outcome ?? null, limit });
    },
    events: ({ query: { event, limit } }) => {
      read(feed);
      return feed.events({ event: event ?? null, limit });
    },
    session: ({ caller }) => access.describe(caller),
    challenge: ({ caller }) => ({
      nonce: access.nonces.make(holderOf(caller)),
      expires_in_sec: NONCE_LIFE_SEC,
    }),
    stopEntries: (call) => act('stop-entries', 'STOP', call, (wanted) => actions.stopEntries(wanted)),
    halt: (call) => act('halt', 'HALT', call, (wanted) => actions.halt(wanted)),
    rearm: (call) => {
      const { symbol, nonce, rearm_token } = call.body;
      return act('rearm', symbol ?? 'ALL', call, (wanted) => {
        access.mustRearm(call.caller, nonce, rearm_token);
        return actions.rearm(symbol, wanted);
      });
    },
    openapi: () => document,
  };
}

const SYMBOL = /^[A-Z0-9][A-Z0-9._-]{0,63}$/;
const PLAN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

function read({ snapshot, trouble }: Feed): Snapshot {
  if (snapshot !== null) return snapshot;
  const why = trouble === null ? '' : `: ${trouble}`;
  throw new Problem('starting', `nothing was read from the store yet${why}`, { 'Retry-After': '1' });
}

function notKnown(what: string, name: string): never {
  throw new Problem('not_found', `no ${what} ${JSON.stringify(name)} is known here`);
}

/** Whoever may act is someone. */
function holderOf({ holder }: Caller): string {
  if (holder === null)
    throw new Problem('unauthorized', 'acting takes the stop token, or a session opened with it');
  return holder;
}

function limited(explain: Explain): Explain {
  let underWay = 0;
  return async (what) => {
    if (underWay >= MAX_EXPLAINING)
      throw new Problem('busy', `${MAX_EXPLAINING} explanations are under way: try again`, {
        'Retry-After': '1',
      });
    underWay++;
    try {
      return await explain(what);
    } finally {
      underWay--;
    }
  };
}
