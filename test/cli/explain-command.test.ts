/** `explain` as an operator types it: on a folder nobody has, of a running process, on a name nobody knows. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CONTROL_FOLDER } from '../../src/components/control/files.ts';
import { controlDesk } from '../../src/cli/control-desk.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import { keyOf } from '../../src/contract/keys.ts';
import { encodeAllocationEntry, encodeEfficiency } from '../../src/contract/records.ts';
import { defaultRuntimeSettings } from '../../src/contract/runtime-settings.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { runCli, scratchFolder, type CliRun } from '../support/cli.ts';
import { ask } from '../support/governor-run.ts';
import { deployed, NAMESPACE, startGovernor } from '../support/live-governor.ts';
import { ALLOCATION, EFFICIENCY } from '../support/sample-decisions.ts';
import type { PlanExplanation } from '../../src/ops/explain/explanation.ts';
import type { Store } from '../../src/store/store.ts';

const run = (...words: readonly string[]): Promise<CliRun> => runCli(['explain', ...words]);

/** A governor that has blocked the third of three plans, one of which has the name of a symbol, in a process with a desk. */
async function runningIn(folder: string): Promise<Store> {
  const store = await openMemoryStore({ namespace: NAMESPACE, folder });
  onTestFinished(() => store[Symbol.asyncDispose]());
  const deployment = await deployed(
    { APPLY_MODE: 'production', GOV_SYMBOL_COOLDOWN_SECONDS: 0, GOV_MAX_EXEC_PER_5MIN: 2 },
    store,
  );
  await startGovernor(deployment);
  for (const plan_id of ['BTCUSDT', 'a2', 'a3'])
    await ask(store, { plan_id, qty: '1', price: '100', bot: 'mo\u001b[2Jmo' });
  const stream = keyOf(NAMESPACE, 'allocations');
  const row = { ...ALLOCATION, ts: 1000 };
  await store.append([{ stream, fields: encodeAllocationEntry(row).flat(), maxLength: null }]);
  await store.writeFields(keyOf(NAMESPACE, 'efficiency', 'BTCUSDT'), encodeEfficiency(EFFICIENCY));
  const executions = { stream: keyOf(NAMESPACE, 'executions'), maxLength: null };
  await store.append([{ ...executions, fields: ['symbol', 'BTCUSDT', 'pnl', '-12.5', 'side', 'SELL'] }]);
  const stop = new AbortController();
  const { settings, namespace } = deployment;
  const runtime = { ...defaultRuntimeSettings(), BALLAST_NAMESPACE: namespace };
  const said: string[] = [];
  const desk = controlDesk(store, { settings, runtime, aliases: new Map() }, folder, (what) =>
    said.push(what),
  );
  const running = desk.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    // Looking is not worth a line in the log.
    expect(said).toEqual([]);
  });
  await expect.poll(() => existsSync(join(folder, CONTROL_FOLDER)), { timeout: 5000 }).toBe(true);
  // What is asked in its first moment is not done.
  await expect.poll(async () => (await run('a3', '--data', folder)).code, { timeout: 5000 }).toBe(0);
  return store;
}

describe('explain', () => {
  it('of a running process says why a plan was blocked and what would have let it pass', async () => {
    const folder = scratchFolder();
    await runningIn(folder);
    const { code, out, errors } = await run('a3', '--data', folder);
    expect({ code, errors }).toEqual({ code: 0, errors: [] });
    expect(out).toMatch(
      /^Blocked by the burst gate: 2 permits within 5 minutes, limit 2 \(GOV_MAX_EXEC_PER_5MIN\)\.\nPlan a3: BTCUSDT, bot mo·\[2Jmo, judged \d{4}-\d\d-\d\d /,
    );
    expect(out).toMatch(/^burst +BLOCKS +2 +2 +GOV_MAX_EXEC_PER_5MIN +yes$/m);
    expect(out).toMatch(/^caps +not reached$/m);
    expect(out).toContain(
      'It would have passed with\n- GOV_MAX_EXEC_PER_5MIN of at least 3 instead of 2\n- at most 1 permit within 5 minutes instead of 2\n',
    );
    expect(out).toMatch(/^From budget to target: BTCUSDT, \w+, 1970-01-01 00:16:40Z/m);
    expect(out).toMatch(/^hold +\d/m);
    const json = await run('a3', '--data', folder, '--json');
    expect(JSON.parse(json.out) as PlanExplanation).toMatchObject({
      subject: 'plan',
      reason: 'burst_limit_exceeded',
      flips: [{ becomes: 'permitted' }, { becomes: 'permitted' }],
    });
  });

  it('takes a name that is both for the plan, says so, and does as it is told', async () => {
    const folder = scratchFolder();
    await runningIn(folder);
    const both = await run('BTCUSDT', '--data', folder);
    expect(both.out).toMatch(/^Permitted: an opening of 100\.00 USD passed every gate/);
    expect(both.out).toContain('It would have been blocked with\n- ');
    expect(both.errors).toEqual(['ballast: BTCUSDT is a symbol too: add --symbol to have that explained']);
    const symbol = await run('BTCUSDT', '--symbol', '--data', folder);
    expect(symbol.errors).toEqual([]);
    expect(symbol.out).toMatch(/^BTCUSDT may use /);
    expect(symbol.out).toMatch(/^a3 .*blocked +burst_limit_exceeded\na2 .*permitted\nBTCUSDT .*permitted$/m);
    expect(symbol.out).toMatch(/-12\.50 +SELL$/m);
    const none = await run('a3', '--symbol', '--data', folder);
    expect(none.code).toBe(1);
    expect(none.errors[0]).toContain('nothing is recorded about the symbol a3');
  });

  it('fits the terminal', async () => {
    const folder = scratchFolder();
    await runningIn(folder);
    for (const width of [60, 80, 120]) {
      const { out } = await runCli(['explain', 'a3', '--data', folder], { width });
      expect(Math.max(...out.split('\n').map(textWidth))).toBeLessThanOrEqual(width);
    }
  });

  it('of what nobody knows is exit 1, and says where it looked', async () => {
    const folder = scratchFolder();
    await (await openMemoryStore({ namespace: NAMESPACE, folder }))[Symbol.asyncDispose]();
    const { code, out, errors } = await run('nobody', '--data', folder);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(errors).toEqual([
      'ballast: nothing is recorded about a plan or a symbol nobody: there are no events of the governor yet, and no block, use record or execution of it; is it spelled as the bot did?',
    ]);
    const running = scratchFolder();
    await runningIn(running);
    const [line] = (await run('nobody', '--plan', '--data', running, '--json')).errors;
    expect(line).toMatch(
      /^ballast: nothing is recorded about the plan nobody: looked through \d+ of its events, back to 20/,
    );
    const symbol = await run('BTCUSD', '--symbol', '--data', running);
    expect(symbol.errors[0]).toMatch(/, no execution; did you mean BTCUSDT\?$/);
    const plan = await run('a4', '--data', running);
    // Neither is half right.
    expect(plan.errors[0]).toMatch(/; is it spelled as the bot did\?$/);
    const long = await run(`evil\u001b[2J${'x'.repeat(100)}`, '--data', running);
    expect(long.code).toBe(1);
    expect(long.errors[0]).toMatch(
      /^ballast: nothing is recorded about a plan or a symbol evil·\[2Jx{31}…: /,
    );
  });

  it('is wrong usage without a name, with two meanings, or with a name nobody can have', async () => {
    for (const [words, error] of [
      [[], "missing required argument 'name'"],
      [['a', '--plan', '--symbol'], '--plan and --symbol exclude each other'],
      [['x'.repeat(129)], 'a plan id or a symbol has 1 to 128 characters'],
    ] as const) {
      const { code, errors } = await run(...words);
      expect(code).toBe(2);
      expect(errors.join('\n')).toContain(error);
    }
    expect((await run('a')).errors).toEqual([expect.stringContaining('REDIS_URL is not set')]);
  });
});
