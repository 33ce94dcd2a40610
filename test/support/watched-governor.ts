/** The governor's watch, told by hand what happens; a clock that stands still until it is moved. */
import { GovernorWatch, type GovernorWatchOptions } from '../../src/components/watch/governor-watch.ts';
import { createLog, type LogLevel } from '../../src/runtime/log/log.ts';
import { parsePrometheus } from './prometheus-text.ts';
import { BLOCK, PERMIT } from './sample-decisions.ts';
import type { GovernorRound } from '../../src/components/governor/listener.ts';
import type { BlockDecision, DisarmDecision, PermitDecision } from '../../src/core/decision.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { Line } from './watched-machine.ts';

export interface GovernorSceneOptions extends Partial<
  Pick<GovernorWatchOptions, 'storeKind' | 'archive' | 'maxSymbols'>
> {
  readonly settings?: Partial<Settings>;
  readonly level?: LogLevel;
}

/** The store's clock when the process's is at 0, Unix seconds. */
export const STORE_SEC = 1_800_000_000;
const INPUTS = ['takes', 'cashflow', 'apply.result', 'execution.result', 'apply.plan'];

export class WatchedGovernor {
  readonly watch: GovernorWatch;
  readonly lines: Line[] = [];
  /** Of the process, milliseconds. */
  nowMs = 0;

  constructor(options: GovernorSceneOptions = {}) {
    this.watch = new GovernorWatch({
      log: createLog({
        level: options.level ?? 'info',
        service: 'governor',
        destination: { write: (line) => void this.lines.push(JSON.parse(line) as Line) },
      }),
      settings: { APPLY_MODE: 'testnet', GOV_EXITS_EXEMPT: true, ...options.settings },
      maxSymbols: options.maxSymbols ?? 1000,
      storeWhere: 'redis://localhost:6379/0',
      storeKind: options.storeKind ?? 'redis',
      clock: { monotonicMs: () => this.nowMs },
      archive: options.archive ?? null,
    });
  }

  get nowSec(): number {
    return STORE_SEC + this.nowMs / 1000;
  }

  /** It governs, has caught up and may trade. */
  begin(): this {
    const held = [{ component: 'governor', epoch: 3 }];
    this.watch.phase({ state: 'running', held, owners: new Map() });
    this.watch.trading({ state: 'ACTIVE', disarmed: [], why: 'kill is absent, latched ACTIVE' });
    return this.round();
  }

  round(round: Partial<GovernorRound> = {}): this {
    const lagSec = new Map(INPUTS.map((name) => [name, 0]));
    this.watch.round({ nowMs: this.nowSec * 1000, entries: 0, lagSec, isCaughtUp: true, ...round });
    return this;
  }

  permit(
    changes: Partial<PermitDecision> = {},
    counts: readonly [lastHour: number, last5Min: number] = [1, 1],
    latencySec = 0.001,
  ): this {
    this.watch.permitted({ ...PERMIT, ts: this.nowSec, ...changes }, latencySec, ...counts);
    return this;
  }

  block(changes: Partial<BlockDecision> = {}, disarms: readonly DisarmDecision[] = []): this {
    this.watch.blocked({ ...BLOCK, ts: this.nowSec, ...changes }, disarms, 0.001);
    return this;
  }

  wait(seconds: number): this {
    this.nowMs += seconds * 1000;
    return this;
  }

  /** The series of one metric, without its name. */
  async series(name: string): Promise<Record<string, number>> {
    const { series } = parsePrometheus(await this.watch.book.text()).get(name)!;
    return Object.fromEntries([...series].map(([key, value]) => [key.slice(name.length), value]));
  }

  /** `level: message` of the lines so far, which are then forgotten. */
  said(): string[] {
    return this.lines.splice(0).map(({ level, msg }) => `${level}: ${msg}`);
  }
}
