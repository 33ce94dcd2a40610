/** Whole replays by the command line, compared byte by byte. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parseMoment } from '../../src/contract/moment.ts';
import { runCli } from './cli.ts';

export interface ReplayFiles {
  readonly decisions: string;
  readonly final: string;
}

/** Replays files into a folder; throws what the program said where it failed. */
export async function replayFiles(
  files: readonly string[],
  out: string,
  flags: readonly string[] = [],
): Promise<ReplayFiles> {
  const { code, errors } = await runCli(['replay', ...files, '--out', out, ...flags]);
  if (code !== 0) throw new Error(`exit ${code}: ${errors.join('; ')}`);
  return {
    decisions: readFileSync(join(out, 'decisions.jsonl'), 'utf8'),
    final: readFileSync(join(out, 'final.json'), 'utf8'),
  };
}

/** Replays `lines` in pieces that begin at the cuts, each going on from what the one before saved. */
export async function replayPieces(
  lines: readonly string[],
  cuts: readonly number[],
  folder: string,
  flags: readonly string[] = [],
): Promise<ReplayFiles> {
  const state = join(folder, 'state.json');
  const edges = [0, ...cuts, lines.length];
  let decisions = '';
  let final = '';
  for (let piece = 0; piece + 1 < edges.length; piece++) {
    const file = join(folder, 'piece.jsonl');
    writeFileSync(file, joinLines(lines.slice(edges[piece], edges[piece + 1])));
    const isLast = piece + 2 === edges.length;
    const own = [...(piece === 0 ? [] : ['--load', state]), ...(isLast ? [] : ['--save', state])];
    const part = await replayFiles([file], join(folder, 'pieces'), [...own, ...flags]);
    decisions += part.decisions;
    final = part.final;
  }
  expect(existsSync(`${state}.partial`)).toBe(false);
  return { decisions, final };
}

/** Sorted places to cut `count` lines, none at either end, none twice. */
export function randomCuts(count: number, cuts: number, random: () => number): number[] {
  const places = new Set<number>();
  while (places.size < Math.min(cuts, count - 1)) places.add(1 + Math.floor(random() * (count - 1)));
  return [...places].sort((a, b) => a - b);
}

export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** Says where two texts first differ instead of showing all of both. */
export function expectSame(actual: string, wanted: string): void {
  if (actual === wanted) return;
  const [ours, theirs] = [actual.split('\n'), wanted.split('\n')];
  const at = ours.findIndex((line, i) => line !== theirs[i]);
  const from = (ours[at] ?? '').split('').findIndex((unit, i) => unit !== theirs[at]?.[i]);
  const part = (line: string | undefined): string => (line ?? '').slice(Math.max(0, from - 80), from + 120);
  expect(`line ${at + 1}: ${part(ours[at])}`).toBe(`line ${at + 1}: ${part(theirs[at])}`);
  expect(ours.length).toBe(theirs.length);
}

/** When a line of the `ballast` format arrived, Unix seconds; throws where it is no event. */
export function lineTimeSec(line: string): number {
  const { ts, ts_ms: tsMs, timestamp } = JSON.parse(line) as Record<string, unknown>;
  const sec = parseMoment(ts ?? tsMs ?? timestamp);
  if (sec === null) throw new Error(`no time in ${line}`);
  return sec;
}
