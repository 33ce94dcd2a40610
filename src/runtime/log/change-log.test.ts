import { describe, expect, it } from 'vitest';
import { ChangeLog } from './change-log.ts';
import { createLog, type LogLevel } from './log.ts';

function started(level: LogLevel, maxLines?: number): { changes: ChangeLog; taken: () => string[] } {
  let lines: string[] = [];
  const destination = {
    write(line: string): void {
      const { level, msg } = JSON.parse(line) as { level: string; msg: string };
      lines.push(`${level} ${msg}`);
    },
  };
  const log = createLog({ level, service: 'efficiency', destination });
  return {
    changes: new ChangeLog(log, maxLines),
    taken() {
      const all = lines;
      lines = [];
      return all;
    },
  };
}
const same = (line: string): string => line;

describe('the lines of a tick', () => {
  it('are shown at info when they changed, at debug when they did not', () => {
    const { changes, taken } = started('debug');
    changes.say(1, 'A: 1', same);
    changes.say(500, 'B: 1', same);
    changes.endTick();
    changes.say(1, 'A: 1', same);
    changes.say(500, 'B: 2', same);
    changes.endTick();
    expect(taken()).toEqual(['info A: 1', 'info B: 1', 'debug A: 1', 'info B: 2']);
  });

  it('are not even made where nobody listens', () => {
    const { changes, taken } = started('warn');
    let made = 0;
    changes.say(1, 'A: 1', (line) => {
      made++;
      return line;
    });
    changes.endTick();
    expect([made, taken()]).toEqual([0, []]);
  });

  it('are counted past the limit, and come in a later tick', () => {
    const { changes, taken } = started('info', 2);
    const tick = (): string[] => {
      for (let id = 0; id < 5; id++) changes.say(id, `S${id}: 1`, same);
      changes.endTick();
      return taken();
    };
    expect(tick()).toEqual(['info S0: 1', 'info S1: 1', 'info ... and 3 more changed']);
    expect(tick()).toEqual(['info S2: 1', 'info S3: 1', 'info ... and 1 more changed']);
    expect(tick()).toEqual(['info S4: 1']);
    expect(tick()).toEqual([]);
  });

  it('are 201 at most of 10,000 symbols that change at every tick', () => {
    const { changes, taken } = started('info');
    for (let tick = 0; tick < 3; tick++) {
      for (let id = 0; id < 10_000; id++) changes.say(id, `S${id}: ${tick}`, same);
      changes.endTick();
      expect(taken()).toHaveLength(201);
    }
  });

  it('past the limit are still all there at debug', () => {
    const { changes, taken } = started('debug', 1);
    changes.say(0, 'A: 1', same);
    changes.say(1, 'B: 1', same);
    changes.endTick();
    expect(taken()).toEqual(['info A: 1', 'debug B: 1', 'info ... and 1 more changed']);
  });

  it('of a forgotten symbol are shown again', () => {
    const { changes, taken } = started('info');
    changes.say(3, 'A: 1', same);
    changes.forget(3);
    changes.forget(3000);
    changes.say(3, 'A: 1', same);
    expect(taken()).toEqual(['info A: 1', 'info A: 1']);
  });
});
