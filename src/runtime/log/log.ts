/**
 * The log: JSON lines, or lines for people where the caller says that some are watching. Writing never waits for
 * whoever reads: a reader that stalls costs lines, not ticks.
 */
import { pino, type DestinationStream, type Logger } from 'pino';
import { prettyLine } from './pretty.ts';
import { printable } from './printable.ts';

export type Log = Logger;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** The component that speaks, in every line. */
  readonly service: string;
  /** Lines for people instead of JSON. */
  readonly pretty?: boolean;
  /** Where lines go, standard output unless given. */
  readonly destination?: DestinationStream;
}

/** Of an error's stack. */
const MAX_FRAMES = 10;
/** Lines waiting for a reader that stalls; beyond it the newest are lost. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export function createLog({ level, service, pretty = false, destination }: LogOptions): Log {
  const output =
    destination ??
    stdout((lost) => log.warn({ lost }, `${lost} lines of the log were lost: its reader is too slow`));
  const log = pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: boundError },
      formatters: { level: (label) => ({ level: label }), log: boundFields },
      hooks: { logMethod: boundMessage },
    },
    pretty ? { write: (line) => output.write(prettyLine(line)) } : output,
  );
  return log;
}

/** A log for each service of a process, all into one output: lines come in the order they were written. */
export function createLogs(options: Omit<LogOptions, 'service'>): (service: string) => Log {
  const logs = new Map<string, Log>();
  const destination =
    options.destination ??
    stdout((lost) => {
      const [first] = logs.values();
      first?.warn({ lost }, `${lost} lines of the log were lost: its reader is too slow`);
    });
  return (service) => {
    const log = logs.get(service) ?? createLog({ ...options, service, destination });
    logs.set(service, log);
    return log;
  };
}

/** Standard output; what waits is written when the process ends. */
function stdout(onLost: (lines: number) => void): DestinationStream {
  const stream = pino.destination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES });
  let lost = 0;
  stream.on('drop', () => lost++);
  stream.on('drain', () => {
    const lines = lost;
    lost = 0;
    if (lines > 0) onLost(lines);
  });
  return stream;
}

/** Messages hold names and texts of inputs, and of errors. */
function boundMessage(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  const given: readonly unknown[] = args;
  const [first] = given;
  const whole = first instanceof Error && given.length === 1 ? [{ err: first }, first.message] : given;
  const bounded = whole.map((arg) => (typeof arg === 'string' ? printable(arg) : arg));
  method.apply(this, bounded as typeof args);
}

function boundFields(fields: Record<string, unknown>): Record<string, unknown> {
  const bounded = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? printable(value) : value,
  ]);
  return Object.fromEntries(bounded) as Record<string, unknown>;
}

/** What an error says and where it was; not what else hangs on it, which may be a whole request. */
function boundError(error: unknown): unknown {
  if (!(error instanceof Error)) return printable(String(error));
  const code = 'code' in error ? printable(String(error.code)) : undefined;
  const cause = error.cause instanceof Error ? printable(error.cause.message) : undefined;
  const stack = error.stack
    ?.split('\n')
    .slice(1, 1 + MAX_FRAMES)
    .map((frame) => printable(frame.trim()));
  return { type: error.name, message: printable(error.message), code, cause, stack };
}
