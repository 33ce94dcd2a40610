/** Do streams keep what their readers need: gaps, lag, silence, entries nobody could use. */
import { ratesOf } from './doctor-rates.ts';
import { entries, finding, listed, type Finding } from './doctor-table.ts';
import { seconds } from './status.ts';
import { idMs } from '../store/store.ts';
import type { InputLag } from './status-collect.ts';
import type { HealthAnswer } from './status-health.ts';
import type { Situation, Stored, StreamView } from './doctor-situation.ts';

const SHORT_LENGTH = 1000;
const BEHIND_SEC = 30;
/** Silence is long when it is so many times the usual pause, and at least so long. */
const SILENT_GAPS = 20;
const SILENT_SEC = 3600;
const SILENT_ALONE_SEC = 86_400;

export function judgeStreams({ stored, health }: Situation): Finding[] {
  const degraded = health.flatMap((answer) => degradedFindings(answer));
  if (stored === null) return degraded;
  return [
    ...degraded,

    ...components(stored),
    ...stored.streams.flatMap((view) => streamFindings(view)),
    ...silence(stored),
  ];
}

function components({ components: all, nowSec }: Stored): Finding[] {
  const runs = all.some(({ isHeld }) => isHeld);
  return all.flatMap(({ name, isHeld, epoch, trouble, inputs }) => [
    ...(runs && !isHeld && epoch !== null
      ? [
          finding(
            'component-stopped',
            name,
            `${name} ran before and does not run now`,
            `start it with ballast run ${name}, or ignore it if it is not wanted any more`,
          ),
        ]
      : []),
    ...(trouble === null
      ? []
      : [finding('state-unreadable', name, trouble, 'run the version that wrote it')]),
    ...inputs.flatMap((lag) => lagFindings(name, lag, isHeld, nowSec)),
  ]);
}

/** A copy that stands by is well, and so is one that has just begun. */
function degradedFindings({ component, url, status, degraded }: HealthAnswer): Finding[] {
  const isFailing = status !== 'degraded' && !['ok', 'standby', 'starting'].includes(status);
  const sentences = [...(isFailing ? [`it is ${status}`] : []), ...degraded];
  return sentences.map((what) =>
    finding('component-degraded', url, `${component}: ${what}`, `look at the log of ${component}`),
  );
}

function lagFindings(
  name: string,
  { stream, gap, waiting, oldestWaitingMs }: InputLag,
  isHeld: boolean,
  nowSec: number,
): Finding[] {
  const behindSec = oldestWaitingMs === null ? 0 : nowSec - oldestWaitingMs / 1000;
  return [
    ...(gap?.kind === 'trimmed'
      ? [
          finding(
            'stream-trimmed',
            stream,
            `${entries(gap.lost)} went before ${name} read them`,
            'do not trim inputs by length, or by far more entries; what is lost cannot be had back from here',
          ),
        ]
      : []),
    ...(gap?.kind === 'recreated'
      ? [
          finding(
            'stream-recreated',
            stream,
            `it was deleted and made anew since ${name} read it`,
            `nothing: ${name} reads it from its beginning; do not delete inputs`,
          ),
        ]
      : []),
    ...(isHeld && behindSec > BEHIND_SEC
      ? [
          finding(
            'stream-behind',
            stream,
            `${name} has ${entries(waiting)} to read, the oldest for ${seconds(behindSec)}`,
            `look at the log of ${name}`,
          ),
        ]
      : []),
  ];
}

function streamFindings({ stream, facts, error, deadLetters, newestReasons }: StreamView): Finding[] {
  const isShort = facts !== null && facts.added > facts.length && facts.length < SHORT_LENGTH;
  const dead = deadLetters?.length ?? 0;
  return [
    ...(error === null
      ? []
      : [finding('stream-unreadable', stream, error, 'it has to be a stream that this user may read')]),
    ...(isShort
      ? [
          finding(
            'stream-short',
            stream,
            `it keeps ${facts.length} of ${facts.added} entries: a component that pauses longer than they last misses some`,
            'let its producer add with a larger MAXLEN, or with none',
          ),
        ]
      : []),
    ...(dead > 0
      ? [
          finding(
            'dead-letters',
            `${stream}.dlq`,
            `${entries(dead)} could not be used; the newest: ${listed([...new Set(newestReasons)])}`,
            'look at them with XREVRANGE: each holds the entry, its reason and its id',
          ),
        ]
      : []),
  ];
}

function silence(stored: Stored): Finding[] {
  const view = stored.streams.find(({ input }) => input === 'execution.result');
  if (view === undefined || view.error !== null) return [];
  if (view.facts === null || view.facts.added === 0)
    return [
      finding(
        'executions-absent',
        view.stream,
        'no execution ever came',
        'let bots add their results there; the fields are in spec/contract.md',
      ),
    ];
  const ageSec = stored.nowSec - idMs(view.facts.lastId) / 1000;
  const pauses = ratesOf({
    ...stored,
    executions: stored.executions.map((one) => ({ ...one, symbol: 'all' })),
  });
  const usualSec = pauses[0]?.meanGapSec ?? null;
  const limitSec = usualSec === null ? SILENT_ALONE_SEC : Math.max(SILENT_SEC, SILENT_GAPS * usualSec);
  if (ageSec <= limitSec) return [];
  const usual = usualSec === null ? '' : `; usually one comes every ${seconds(usualSec)}`;
  return [
    finding(
      'executions-silent',
      view.stream,
      `the newest execution came ${seconds(ageSec)} ago${usual}`,
      'look whether the bots still run and still write there',
    ),
  ];
}
