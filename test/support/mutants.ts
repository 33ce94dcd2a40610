/**
 * Mistakes that earlier systems made, as changes to the source: each must fail the tests named beside it
 * (test/long/mutants.test.ts). A change whose text is not found fails too, so the table follows the source.
 */

export interface Change {
  readonly file: string;
  /** Found exactly once. */
  readonly text: string;
  readonly replacement: string;
}

export interface Mutant {
  /** The mistake, as one would make it. */
  readonly mistake: string;
  readonly changes: readonly Change[];
  /** The test file that must fail, and a pattern of test names in it. */
  readonly caughtBy: string;
  readonly tests?: string;
}

const LUA = 'src/store/redis/functions';
const CORE = 'src/core/governor';
const LIVE = 'src/components/governor';
const ON_REDIS = 'test/store/redis-permits.test.ts';
const SUITE = 'test/conformance/redis.test.ts';
const LATCHES = 'test/process/governor-latches.test.ts';
const DOUBTS = 'test/process/governor-doubts.test.ts';
const LIMITS = 'test/process/governor-limits.test.ts';
const CLOCK = 'test/process/governor-clock.test.ts';

function change(file: string, text: string, replacement = ''): Change {
  return { file, text, replacement };
}

const one = (...given: Parameters<typeof change>): readonly Change[] => [change(...given)];

export const MUTANTS: readonly Mutant[] = [
  {
    mistake: 'a permit is read, then deleted, and whether it was deleted is not looked at',
    changes: [
      change(`${LUA}/take.ts`, "redis.call('DEL', keys[1])"),
      change(
        `${LUA}/take.ts`,
        "  if outcome == 'used' or outcome == 'voided' or outcome == 'expired' then return outcome end\n  if not kept or",
        '  if not kept or',
      ),
    ],
    caughtBy: ON_REDIS,
    tests: 'is taken once by many at a time',
  },
  {
    mistake: 'a permit that was taken stays where it was',
    changes: one(`${LUA}/take.ts`, "redis.call('DEL', keys[1])"),
    caughtBy: SUITE,
    tests: 'taking a permit',
  },
  {
    mistake: 'a take does not look at the use record, so that a permit put back is taken again',
    changes: one(
      `${LUA}/take.ts`,
      "  if outcome == 'used' or outcome == 'voided' or outcome == 'expired' then return outcome end\n  if not kept or",
      '  if not kept or',
    ),
    caughtBy: ON_REDIS,
    tests: 'put back with a plain SET',
  },
  {
    mistake: 'a take is not told to the stream of events',
    changes: one(
      `${LUA}/take.ts`,
      'local refused = add_events(keys[4], {#told, unpack(told)}, 1)',
      'local refused',
    ),
    caughtBy: SUITE,
    tests: 'taking a permit',
  },
  {
    mistake: 'a permit of a dry run can be taken',
    changes: one(`${LUA}/take.ts`, "  if not kept.takeable then return 'dry_run' end\n"),
    caughtBy: SUITE,
    tests: 'refuses what is not for taking',
  },
  {
    mistake: 'whatever lies under the key of a permit is handed out',
    changes: one(`${LUA}/take.ts`, ' or redis.sha1hex(permit) ~= kept.digest'),
    caughtBy: ON_REDIS,
    tests: 'meddled with',
  },
  {
    mistake: 'a plan with a use record gets a second permit',
    changes: one(
      `${LUA}/issue.ts`,
      "if not use or instead == 'failed' then return nil end",
      'if true then return nil end',
    ),
    caughtBy: SUITE,
    tests: 'does not give a plan two',
  },
  {
    mistake: 'the use record lives no longer than the permit',
    changes: one(`${LUA}/issue.ts`, "args[16], 'PX', USE_LIFE_MS)", "args[16], 'PX', args[15])"),
    caughtBy: SUITE,
    tests: 'ends with its life, and leaves the use record',
  },
  {
    mistake: 'the governor forgets which plans had a permit',
    changes: one(
      `${CORE}/governor.ts`,
      'if (before !== null && !(reduces(plan)',
      'if (false && before !== null && !(reduces(plan)',
    ),
    caughtBy: `${CORE}/governor.test.ts`,
  },
  {
    mistake: 'the kill flag is not read in the step that writes the permit',
    changes: one(`${LUA}/permits-shared.ts`, 'local flag = read_flag(args[9])', 'local flag = args[7]'),
    caughtBy: SUITE,
    tests: 'judged on another trading state',
  },
  {
    mistake: 'the kill flag is not read when a permit is taken',
    changes: one(
      `${LUA}/take.ts`,
      'why_not(permit, use, kept, read_flag(args[2]),',
      "why_not(permit, use, kept, 'absent',",
    ),
    caughtBy: 'test/store/permit-halts.test.ts',
    tests: 'set by hand',
  },
  {
    mistake: 'only a flag that says 1 halts',
    changes: [
      change(
        `${CORE}/trading-state.ts`,
        "return text === 'reduce' ? 'REDUCING' : 'HALTED';",
        "return text === 'reduce' ? 'REDUCING' : text === '1' ? 'HALTED' : 'ACTIVE';",
      ),
      change(
        `${LUA}/permits-shared.ts`,
        "return flag == '=' .. FLAG_OF.REDUCING and 'REDUCING' or 'HALTED'",
        "return flag == '=' .. FLAG_OF.REDUCING and 'REDUCING' or flag == '=1' and 'HALTED' or 'ACTIVE'",
      ),
    ],
    caughtBy: DOUBTS,
    tests: 'the flag is',
  },
  {
    mistake: 'the judge does not look at the trading state',
    changes: one(`${CORE}/judge.ts`, "if (view.state === 'HALTED') return 'kill_switch_active';"),
    caughtBy: `${CORE}/judge.test.ts`,
  },
  {
    mistake: 'a halt leaves outstanding permits where they are',
    changes: one(
      `${LUA}/permits-shared.ts`,
      "redis.call('UNLINK', permit_prefix .. plan_ids[i]) == 1",
      'true',
    ),
    caughtBy: 'test/store/permit-halts.test.ts',
  },
  {
    mistake: 'a permit of an epoch that was voided is good',
    changes: one(
      `${LUA}/take.ts`,
      "  if kept.epoch < trading.void_all or (not kept.reducing and kept.epoch < trading.void_openings) then return 'voided' end\n",
    ),
    caughtBy: SUITE,
    tests: 'epoch that was voided',
  },
  {
    mistake: 'a number is whatever converts to one: NaN, 0x10, an empty text',
    changes: one(
      'src/contract/decimal.ts',
      "if (typeof value !== 'string' || value.length > MAX_LENGTH || !DECIMAL.test(value)) return null;\n  const number = Number(value);\n  return Number.isFinite(number) ? number + 0 : null;",
      "return typeof value === 'string' ? Number(value) : null;",
    ),
    caughtBy: 'test/properties/decode.test.ts',
  },
  {
    mistake: 'a quantity that is no number passes',
    changes: one(
      `${CORE}/read-plan.ts`,
      'value !== null && !(value > 0 && value < Infinity)',
      'value !== null && value <= 0',
    ),
    caughtBy: `${CORE}/read-plan.test.ts`,
  },
  {
    mistake: 'permits do not count against the day',
    changes: one(
      `${CORE}/permit-book.ts`,
      '      book.dayMicro += microOf(record);\n    }\n    this.#reserve(record);',
      '    }\n    this.#reserve(record);',
    ),
    caughtBy: LIMITS,
    tests: 'the windows',
  },
  {
    mistake: 'the counters of a governor begin at nothing when it is restarted',
    changes: one(
      `${LIVE}/desk.ts`,
      'const permits = this.permits.restore(',
      'const permits = [] as ReturnType<PlanTable["restore"]>; this.permits.restore(',
    ),
    caughtBy: LIMITS,
    tests: 'the windows',
  },
  {
    mistake: 'the daily notional of people is not written with the permit',
    changes: one(
      `${LUA}/issue.ts`,
      "if failed(redis.pcall('INCRBYFLOAT', daily, args[20])) then",
      'if false then',
    ),
    caughtBy: SUITE,
    tests: 'issuing a permit',
  },
  {
    mistake: 'permits do not count against the hour and the burst',
    changes: one(
      `${CORE}/permit-book.ts`,
      'if (now - counted[middle]!.issuedAt < withinSec) high = middle;',
      'if (false) high = middle;',
    ),
    caughtBy: LIMITS,
    tests: 'the windows',
  },
  {
    mistake: 'a permit is not held to whose turn it is: a second governor issues too',
    changes: [
      change(`${LUA}/permits-shared.ts`, 'if held[1] ~= args[1] or held[2] ~= args[2] then', 'if false then'),
      change(
        `${LUA}/permits-shared.ts`,
        "if at ~= wanted or (args[5] ~= '' and stored[2] ~= args[5]) then",
        'if false then',
      ),
    ],
    caughtBy: SUITE,
    tests: 'the chain of steps',
  },
  {
    mistake: 'a step that is sent again is done again',
    changes: one(
      `${LUA}/permits-shared.ts`,
      'if at == wanted + 1 and stored[2] == args[4] then return',
      'if false then return',
    ),
    caughtBy: SUITE,
    tests: 'the chain of steps',
  },
  {
    mistake: 'what a breach disarmed is kept in memory only',
    changes: one(
      `${LUA}/block.ts`,
      "if args[12] ~= '' then redis.call('HSET', keys[5], args[12], args[13]) end",
    ),
    caughtBy: LATCHES,
    tests: 'a burst',
  },
  {
    mistake: 'an absent flag ends what was latched',
    changes: [
      change(
        `${CORE}/trading-state.ts`,
        'return moreSevere(flagged, latched);',
        'return latched === flagged ? latched : flagged;',
      ),
      change(
        `${LUA}/issue.ts`,
        'local state = more_severe(state_of(step.flag), step.trading.latched)',
        'local state = state_of(step.flag)',
      ),
    ],
    caughtBy: LATCHES,
    tests: 'the flag being deleted',
  },
  {
    mistake: 'an error while judging lets the plan pass',
    changes: one(
      `${CORE}/judge.ts`,
      "return failed(gate.failOpen ? null : 'evaluation_error', error);",
      'return failed(null, error);',
    ),
    caughtBy: 'test/properties/gates.test.ts',
  },
  {
    mistake: 'openings pass though executions, and so losses, cannot be read',
    changes: one(`${CORE}/governor.ts`, 'return this.suspended ?? this.blind;', 'return this.suspended;'),
    caughtBy: LATCHES,
    tests: 'executions that cannot be read',
  },
  {
    mistake: 'closes are blocked when the kill score is high',
    changes: one(
      `${CORE}/judge.ts`,
      'if (reading.reducing && (settings.GOV_EXITS_EXEMPT || !gate.canJudgeExits)) continue;',
    ),
    caughtBy: `${CORE}/judge.test.ts`,
  },
  {
    mistake: 'a halt of openings blocks exits too',
    changes: one(`${CORE}/judge.ts`, 'if (reduces(plan)) return null;'),
    caughtBy: `${CORE}/judge.test.ts`,
  },
  {
    mistake: 'what is reserved is not compared with what is asked',
    changes: one(
      `${CORE}/gates.ts`,
      'saturate(view.grossPositionUsd + view.allReservedMicro / 1e6 + notional)',
      'saturate(view.grossPositionUsd + notional)',
    ),
    caughtBy: `${CORE}/gates.test.ts`,
  },
  {
    mistake: 'a permit that came to nothing goes on counting',
    changes: one(
      `${CORE}/permit-book.ts`,
      '    book.counted.splice(at, 1);\n    book.dayMicro -= microOf(record);',
    ),
    caughtBy: `${CORE}/governor.test.ts`,
  },
  {
    mistake: 'the time of a permit is over when Redis says so',
    changes: one(
      `${LUA}/take.ts`,
      "  if now_ms > kept.expiresAt * 1000 then return 'expired' end\n  if now_ms < kept.issuedAt * 1000 - 1000 then return 'early' end\n",
    ),
    caughtBy: CLOCK,
    tests: 'with nobody governing',
  },
  {
    mistake: 'a clock that is set is not noticed',
    changes: one(`${LIVE}/clock-guard.ts`, 'return nowMs - this.#trippedMs < STEADY_MS;', 'return false;'),
    caughtBy: CLOCK,
    tests: 'an hour back',
  },
  {
    mistake: 'permits that are out when the clock is set stay good',
    changes: one(
      `${LIVE}/loop.ts`,
      "await store.permits.change({ kind: 'void', state: null, by: 'governor', reason });",
    ),
    caughtBy: CLOCK,
    tests: 'an hour back',
  },
  {
    mistake: 'what a block set off is taken for done though it was not written',
    changes: one(
      `${LIVE}/batch.ts`,
      "return disarms.length > 0 || (decision.reason === 'evaluation_error' && isCounted);",
      'return false;',
    ),
    caughtBy: LATCHES,
    tests: 'judged behind a plan',
  },
  {
    mistake: 'every symbol anybody names becomes a label of its own',
    changes: one('src/runtime/metrics/book.ts', '{ values: maxSymbols,', '{ values: 1e9,'),
    caughtBy: 'src/runtime/metrics/book.test.ts',
  },
  {
    mistake: 'a permit of another version is acted on',
    changes: one(
      'src/contract/permit-record.ts',
      "if (json.get('v') !== PERMIT_VERSION) return",
      "if (json.get('v') === null) return",
    ),
    caughtBy: 'src/contract/permit-record.test.ts',
  },
];

/** Mistakes that cannot be made here: why, and the test that holds it so. */
export const IMPOSSIBLE: readonly {
  readonly mistake: string;
  readonly because: string;
  readonly heldBy: string;
}[] = [
  {
    mistake: 'plans are lost with a consumer that is gone, since its pending entries are nobody else’s',
    because: 'the governor reads without consumer groups, from the position it committed',
    heldBy: 'test/process/governor-turns.test.ts',
  },
  {
    mistake: 'keys and values are bytes in one place and text in another',
    because: 'every answer of Redis is read in src/store/redis/reply.ts, and keys come from one table',
    heldBy: 'test/live/contract.test.ts',
  },
  {
    mistake: 'disarming edits a file and calls a shell',
    because: 'it is a field of a hash, written in the step that blocks',
    heldBy: 'test/process/governor-latches.test.ts',
  },
  {
    mistake: 'scores in a reason, symbols without a bound as labels',
    because: 'reasons are a closed union, and every labelled series has its bound',
    heldBy: 'test/runtime/metrics.test.ts',
  },
  {
    mistake: 'a setting or a function that is named and does not exist is met when it is needed',
    because: 'settings are one typed table that the whole program is compiled against',
    heldBy: 'test/contract-tables.test.ts',
  },
];
