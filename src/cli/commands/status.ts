/** `ballast status`: what runs, how fresh it is and how far behind. */
import { Command } from 'commander';
import { keyOf } from '../../contract/keys.ts';
import { collectTrading, type TradingReading } from '../../ops/governor/trading-collect.ts';
import { collectComponents, collectPaces } from '../../ops/status-collect.ts';
import { askHealth } from '../../ops/status-health.ts';
import { statusOf, type StatusSources } from '../../ops/status.ts';
import { InputError } from '../../replay/formats/format.ts';
import { collect } from '../format-options.ts';
import { loadLiveSettings } from '../load-settings.ts';
import { askFolder } from '../operator.ts';
import { openReportStore, readingFrom } from '../report-store.ts';
import { statusText } from '../status-text.ts';
import { StoreError, type Store } from '../../store/store.ts';
import type { Terminal } from '../terminal.ts';

/** As long as a port has. */
const ASK_MS = 500;

interface StatusFlags {
  readonly data?: string;
  readonly set?: readonly string[];
  readonly json?: true;
}

export function statusCommand(terminal: Terminal): Command {
  return new Command('status')
    .description('what runs, how fresh it is and how far behind')
    .option('--data <dir>', 'the folder of the embedded store; else REDIS_URL says where to look')
    .option('--set <name=value>', 'a setting; may be given several times', collect)
    .option('--json', 'print one JSON object instead of tables')
    .action((flags: StatusFlags) => run(flags, terminal));
}

async function run(flags: StatusFlags, terminal: Terminal): Promise<void> {
  const resolved = await loadLiveSettings(flags.set, terminal);
  const { settings, runtime } = resolved;
  const namespace = runtime.BALLAST_NAMESPACE;
  const [opened, health] = await Promise.all([
    openReportStore(runtime, flags.data, terminal.folder),
    askHealth(runtime),
  ]);
  await using store = opened.store;
  const stored = store === null ? null : await readingFrom(() => readStored(store, namespace));
  const traded =
    store !== null
      ? await readTrading(store, namespace)
      : opened.folder === null
        ? { trading: null, tradingError: null }
        : await askTrading(opened.folder, namespace);
  const status = statusOf({ settings, nowMs: Date.now(), stored, storeError: opened.why, ...traded, health });
  if (flags.json === true) terminal.out(`${JSON.stringify(status)}\n`);
  else terminal.out(`${statusText(status, terminal).join('\n\n')}\n`);
}

type Traded = Pick<StatusSources, 'trading' | 'tradingError'>;

/** A user who may read the streams may not read everything about permits. */
async function readTrading(store: Store, namespace: string): Promise<Traded> {
  try {
    return { trading: await collectTrading(store, namespace), tradingError: null };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { trading: null, tradingError: error.message };
  }
}

/** From the process that has the folder. */
async function askTrading(folder: string, namespace: string): Promise<Traded> {
  try {
    const answer = await askFolder(folder, namespace, { command: 'trading' }, ASK_MS);
    return answer.done
      ? { trading: answer.report as TradingReading, tradingError: null }
      : { trading: null, tradingError: answer.error };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { trading: null, tradingError: error.message };
  }
}

async function readStored(store: Store, namespace: string): Promise<StatusSources['stored']> {
  const portfolioKey = { key: keyOf(namespace, 'portfolio'), fields: ['timestamp'] };
  const [facts, reading, [portfolio]] = await Promise.all([
    store.facts(),
    collectComponents(store, namespace),
    store.hashes([portfolioKey]),
  ]);
  const paces = await collectPaces(store, namespace, reading.nowMs);
  return { facts, reading, portfolio: portfolio ?? null, paces };
}
