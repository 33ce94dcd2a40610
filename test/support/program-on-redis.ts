/** What the tests of whole processes begin and end with: a program built for them, and a Redis. */
import { afterAll, beforeAll } from 'vitest';
import { buildProgram } from './cli.ts';
import { endLives } from './live-process.ts';
import { startRedis, type RedisServer, type RedisServerOptions } from './redis-server.ts';

export interface ProgramOnRedis {
  readonly program: ReturnType<typeof buildProgram>;
  readonly redis: RedisServer;
}

/** Hands both over before the first test of the file; after the last, every process is ended and both are gone. */
export function programOnRedis(
  take: (given: ProgramOnRedis) => void,
  options: RedisServerOptions = {},
): void {
  let given: ProgramOnRedis;
  beforeAll(async () => {
    given = { program: buildProgram(), redis: await startRedis(options) };
    take(given);
  });
  afterAll(async () => {
    await endLives();
    given.program.remove();
    await given.redis.stop();
  });
}
