/**
 * A redis-server whose wall clock a test sets: a library loaded before all others adds an offset, read from a shared file, to
 * what the system says the time is. The clock that nobody sets stays as it is.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, type RedisServer } from './redis-server.ts';

const COMPILER = 'cc';

const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long long *offset_ms;

__attribute__((constructor)) static void open_offset(void) {
  int file = open(getenv("BALLAST_CLOCK_OFFSET"), O_RDONLY);
  if (file < 0) abort();
  void *place = mmap(0, sizeof(long long), PROT_READ, MAP_SHARED, file, 0);
  if (place == MAP_FAILED) abort();
  offset_ms = place;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int failed = syscall(SYS_clock_gettime, clock, now);
  if (failed || !offset_ms || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return failed;
  long long ms = *offset_ms, nanos = now->tv_nsec + ms % 1000 * 1000000;
  now->tv_sec += ms / 1000 + (nanos < 0 ? -1 : nanos >= 1000000000 ? 1 : 0);
  now->tv_nsec = (nanos + 1000000000) % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *now, void *zone) {
  struct timespec exact;
  int failed = clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return failed;
}

time_t time(time_t *place) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (place) *place = exact.tv_sec;
  return exact.tv_sec;
}
`;

export interface ShiftedRedis {
  readonly redis: RedisServer;
  /** Sets its clock so far before (positive) or behind the true one. */
  shift(ms: number): void;
  stop(): Promise<void>;
}

/** Why there can be none on this machine; null: there can. */
export function whyNoShift(): string | null {
  if (process.platform !== 'linux') return 'the clock of a process can be set on Linux only';
  return spawnSync(COMPILER, ['--version']).status === 0 ? null : `there is no C compiler (${COMPILER})`;
}

export async function startShiftedRedis(): Promise<ShiftedRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-clock-'));
  const [source, library, offset] = ['shim.c', 'shim.so', 'offset'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const write = (ms: number): void => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(ms));
    // Into the file that is mapped, not into a new one.
    writeFileSync(offset, bytes, { flag: 'r+' });
  };
  writeFileSync(source, SOURCE);
  writeFileSync(offset, Buffer.alloc(8));
  const built = spawnSync(COMPILER, ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the shim cannot be built:\n${built.stderr}`);
  const redis = await withEnvironment({ LD_PRELOAD: library, BALLAST_CLOCK_OFFSET: offset }, () =>
    startRedis(),
  );
  return {
    redis,
    shift: write,
    stop: async () => {
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What is started meanwhile gets these beside its environment. */
async function withEnvironment<Value>(
  more: Readonly<Record<string, string>>,
  call: () => Promise<Value>,
): Promise<Value> {
  Object.assign(process.env, more);
  try {
    return await call();
  } finally {
    for (const name of Object.keys(more)) delete process.env[name];
  }
}
