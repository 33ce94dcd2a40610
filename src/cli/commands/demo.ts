/** `ballast demo`: a paper exchange, invented bots and the real components, in one process. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Command } from 'commander';
import { parseDecimal } from '../../contract/decimal.ts';
import { InputError } from '../../replay/formats/format.ts';
import {
  dashboardLines,
  demoLine,
  demoReport,
  demoScreen,
  demoSummary,
  eventLine,
  type DemoHeading,
} from '../demo-text.ts';
import { stopSignal } from '../stop-signal.ts';
import { UsageError } from '../usage-error.ts';
import type { DemoNow } from '../../demo/run.ts';
import type { Terminal } from '../terminal.ts';

interface Flags {
  readonly seed: string;
  readonly speed: string;
  readonly seconds?: string;
  readonly json?: true;
  readonly decisions?: string;
  readonly port?: string;
  /** False: `--no-dashboard`. */
  readonly dashboard: boolean;
}

interface Numbers {
  readonly seed: number;
  readonly speed: number | null;
  /** Null: until it is stopped. */
  readonly simulatedSec: number | null;
  /** Null: the usual one, or a free one. */
  readonly port: number | null;
}

const DRAW_EVERY_MS = 250;
const LINE_EVERY_MS = 5000;
const MAX_SPEED = 10_000;
const MAX_SECONDS = 31_536_000;
const MAX_PORT = 65_535;
const WRITE_AT_LENGTH = 65_536;

const EXAMPLES = `
Examples:
  ballast demo
  ballast demo --seconds 60 --seed 7
  ballast demo --seconds 60 --speed max --json

A simulated hour takes a minute at --speed 60. The same seed and the same length give the same decisions, whatever the speed that is reached.`;

export function demoCommand(terminal: Terminal): Command {
  return new Command('demo')
    .description('watch it work: a paper exchange with invented bots, nothing else needed')
    .option(
      '--seconds <seconds>',
      'real seconds to run, a simulated minute each at --speed max (default: until it is stopped)',
    )
    .option('--speed <times>', 'simulated seconds a real second; max: as fast as it goes', '60')
    .option('--seed <number>', 'another number is another market', '1')
    .option('--decisions <file>', 'write every decision as a line of JSON there')
    .option(
      '--port <number>',
      'of the dashboard, on 127.0.0.1; 0: any free one (default: 8060, or a free one where that is taken)',
    )
    .option('--no-dashboard', 'without the page in the browser')
    .option('--json', 'print one JSON object at the end, and nothing before')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => run(flags, readNumbers(flags), terminal));
}

async function run(flags: Flags, numbers: Numbers, terminal: Terminal): Promise<void> {
  // What runs takes longer to load than what only reads the command line.
  const { runDemo } = await import('../../demo/run.ts');
  const { signal, dispose } = stopSignal(() => undefined);
  let heading: DemoHeading = { ...numbers, dashboard: null };
  let view: View | null = null;
  const onStore = hasDashboard(flags) ? (await import('../dashboard.ts')).demoDashboard : null;
  const begin = (dashboard: DemoHeading['dashboard']): void => {
    heading = { ...numbers, dashboard };
    view = flags.json === true ? null : viewOf(heading, terminal);
  };
  if (onStore === null) begin(null);
  const decisions =
    flags.decisions === undefined ? null : new LineFile(resolve(terminal.folder, flags.decisions));
  try {
    const result = await runDemo(
      {
        ...numbers,
        onDecision: (line) => decisions?.add(line),
        onSecond: (now) => view?.show(now),
        ...(onStore === null
          ? {}
          : {
              onStore: async (opened) => {
                const dashboard = await onStore(opened, numbers.port);
                begin(dashboard);
                return dashboard.running;
              },
            }),
      },
      signal,
    );
    if (flags.json === true) {
      terminal.out(`${JSON.stringify(demoReport(result, heading), null, 2)}\n`);
      return;
    }
    (view as View | null)?.clear();
    terminal.out(`${demoSummary(result, heading, terminal).join('\n\n')}\n`);
  } finally {
    decisions?.close();
    dispose();
  }
}

/** A program that reads JSON gets one where it asks for it by its port. */
function hasDashboard({ dashboard, json, port }: Flags): boolean {
  return dashboard && (json !== true || port !== undefined);
}

interface View {
  show(now: DemoNow): void;
  /** Makes room for the summary. */
  clear(): void;
}

function viewOf(heading: DemoHeading, terminal: Terminal): View {
  if (terminal.isWatched) return new Screen(heading, terminal);
  const lines = dashboardLines(heading, terminal);
  if (lines.length > 0) terminal.out(`${lines.join('\n')}\n`);
  return new Lines(terminal);
}

/** Drawn in place: the lines of the last time are written over. */
class Screen implements View {
  readonly #heading: DemoHeading;
  readonly #terminal: Terminal;
  #drawnMs = -Infinity;
  #height = 0;

  constructor(heading: DemoHeading, terminal: Terminal) {
    this.#heading = heading;
    this.#terminal = terminal;
  }

  show(now: DemoNow): void {
    if (performance.now() - this.#drawnMs < DRAW_EVERY_MS) return;
    this.#drawnMs = performance.now();
    const lines = demoScreen(now, this.#heading, this.#terminal);
    this.#terminal.out(`${this.#up()}${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
    this.#height = lines.length;
  }

  clear(): void {
    this.#terminal.out(`${this.#up()}\u001b[J`);
    this.#height = 0;
  }

  #up(): string {
    return this.#height === 0 ? '' : `\u001b[${this.#height}A\r`;
  }
}

/** For files and other programs: a line now and then, and one for each event. */
class Lines implements View {
  readonly #terminal: Terminal;
  #saidMs = -Infinity;
  #told = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(now: DemoNow): void {
    const { events, eventCount } = now.story;
    const fresh = Math.min(events.length, eventCount - this.#told);
    this.#told = eventCount;
    for (const event of fresh === 0 ? [] : events.slice(-fresh))
      this.#terminal.out(`${eventLine(event, this.#terminal)}\n`);
    if (performance.now() - this.#saidMs < LINE_EVERY_MS) return;
    this.#saidMs = performance.now();
    this.#terminal.out(`${demoLine(now)}\n`);
  }

  clear(): void {
    this.#terminal.out('\n');
  }
}

class LineFile {
  readonly #path: string;
  readonly #file: number;
  #waiting = '';

  constructor(path: string) {
    this.#path = path;
    this.#file = this.#orInputError(() => openSync(path, 'w'));
  }

  add(line: string): void {
    this.#waiting += `${line}\n`;
    if (this.#waiting.length >= WRITE_AT_LENGTH) this.#write();
  }

  close(): void {
    this.#write();
    closeSync(this.#file);
  }

  #write(): void {
    const text = this.#waiting;
    this.#waiting = '';
    this.#orInputError(() => writeSync(this.#file, text));
  }

  #orInputError<Answer>(action: () => Answer): Answer {
    try {
      return action();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new InputError(`${this.#path} cannot be written: ${why}`, { cause: error });
    }
  }
}

/** Throws `UsageError` naming every option that cannot be read. */
function readNumbers(flags: Flags): Numbers {
  const problems: string[] = [];
  const read = (name: string, text: string, isGood: (value: number) => boolean, allowed: string): number => {
    const value = parseDecimal(text);
    if (value !== null && isGood(value)) return value;
    problems.push(`--${name} ${text}: has to be ${allowed}`);
    return 1;
  };
  const seed = read(
    'seed',
    flags.seed,
    (value) => Number.isSafeInteger(value) && value >= 0,
    'a whole number, 0 or above',
  );
  const isUnpaced = flags.speed === 'max';
  const speed = isUnpaced
    ? null
    : read(
        'speed',
        flags.speed,
        (value) => value > 0 && value <= MAX_SPEED,
        `max, or above 0 and at most ${MAX_SPEED}`,
      );
  const seconds =
    flags.seconds === undefined
      ? null
      : read(
          'seconds',
          flags.seconds,
          (value) => value > 0 && value <= MAX_SECONDS,
          `above 0 and at most ${MAX_SECONDS}`,
        );
  const port =
    flags.port === undefined
      ? null
      : read(
          'port',
          flags.port,
          (value) => Number.isInteger(value) && value >= 0 && value <= MAX_PORT,
          `a whole number from 0 to ${MAX_PORT}`,
        );
  if (flags.port !== undefined && !flags.dashboard)
    problems.push('--port and --no-dashboard exclude each other');
  if (problems.length > 0) throw new UsageError(problems);
  // At full speed a second is what it would be at the speed that is usual.
  const simulatedSec = seconds === null ? null : Math.max(1, Math.round(seconds * (speed ?? USUAL_SPEED)));
  return { seed, speed, simulatedSec, port };
}

const USUAL_SPEED = 60;
