/** A stream that cannot be read, because a key of its name is something else: what goes on all the same, and what waits. */
import { describe, expect, it } from 'vitest';
import { LiveWorld } from '../support/live-run.ts';

const START_SEC = 1_700_000_000;

async function worldWithout(
  stream: string,
): Promise<{ ticks: number; attributed: boolean; failures: number; said: readonly string[] }> {
  const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
  await world.put(`stream:${stream}`, { not: 'a stream' });
  if (stream !== 'execution.result')
    world.time.at(START_SEC * 1000, async () => {
      await world.add('executions', { symbol: 'BTCUSDT', realized_pnl: '5' });
    });
  const live = world.start();
  await world.time.until((START_SEC + 31) * 1000);
  await live.stop();
  const attributed = await world.hash('alpha:attribution:BTCUSDT');
  return {
    ticks: live.decisions.length,
    attributed: attributed !== null,
    failures: live.failures.length,
    said: live.said,
  };
}

describe('a stream that cannot be read', () => {
  it.each(['regime.state', 'cashflow'])('holds nothing up where it is %s', async (stream) => {
    const { ticks, said, ...rest } = await worldWithout(stream);
    expect(rest).toEqual({ attributed: true, failures: 0 });
    expect(ticks).toBeGreaterThan(10);
    expect(said[0]).toMatch(new RegExp(`^${stream} unreadable .*WRONGTYPE`));
  });

  it('holds up every tick where it is that of the executions', async () => {
    expect(await worldWithout('execution.result')).toMatchObject({
      ticks: 0,
      attributed: false,
      failures: 0,
    });
  });
});

describe('large entries nobody can use', () => {
  it('are committed before they fill the memory', async () => {
    const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
    const note = 'x'.repeat(15_000);
    const notes = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`note_${i}`, note]));
    const sizes: number[] = [];
    const commit = world.store.commit.bind(world.store);
    world.store.commit = (wanted) => {
      sizes.push(wanted.outputs.filter(({ kind }) => kind === 'deadLetter').length);
      return commit(wanted);
    };
    for (let i = 0; i < 40; i++) await world.add('executions', { symbol: 'BTCUSDT', pnl: 'none', ...notes });
    const live = world.start();
    await world.time.until((START_SEC + 6) * 1000);
    await live.stop();
    expect(live.rejected).toHaveLength(40);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(40);
    // 900,000 characters each: nine are more than eight million.
    expect(Math.max(...sizes)).toBe(9);
  });
});
