/**
 * Files of frames, a line each: checksum, length in bytes, JSON. The first line says what the file is. A frame is there whole
 * or not at all; one that is not, with nothing whole behind it, was being written when the machine or the process stopped.
 */
import { crc32 } from 'node:zlib';
import { StoreError } from '../store.ts';
import type { DataFolder } from './data-folder.ts';

export type FileKind = 'journal' | 'snapshot';

/** Of the files' form. A change of what is in them is one too. */
export const FILE_VERSION = 1;

export interface FramesRead {
  /** Whole frames. */
  readonly count: number;
  /** Up to where the file is whole; 0: not even its first line is. */
  readonly goodBytes: number;
  /** What follows. */
  readonly badBytes: number;
}

export function headerOf(kind: FileKind, generation: number): Buffer {
  return Buffer.from(`ballast ${kind} ${FILE_VERSION} ${generation}\n`);
}

/** `json` holds no line break: `JSON.stringify` writes none. */
export function frameOf(json: string): Buffer {
  const body = Buffer.from(json);
  return Buffer.concat([Buffer.from(`${checksum(body)} ${body.length} `), body, NEWLINE]);
}

/** Hands over every whole frame. Throws `unusable` where one in the middle is damaged, or the file is of another version. */
export async function readFrames(
  folder: DataFolder,
  name: string,
  kind: FileKind,
  generation: number,
  take: (frame: unknown) => void,
): Promise<FramesRead> {
  const header = headerOf(kind, generation);
  const where = `${folder.path}/${name}`;
  let count = 0;
  let goodBytes = 0;
  let offset = 0;
  let isDamaged = false;
  for await (const line of linesOf(folder.read(name))) {
    if (offset === 0 && !line.equals(header)) {
      refuseForeign(line, header, where);
      isDamaged = true;
    } else if (offset > 0) {
      const json = bodyOf(line);
      if (isDamaged ? json !== null : json === null && hasLostItsEnd(line)) throw damaged(where, goodBytes);
      if (json === null) isDamaged = true;
      else {
        take(JSON.parse(json));
        count++;
      }
    }
    offset += line.length;
    if (!isDamaged) goodBytes = offset;
  }
  return { count, goodBytes, badBytes: offset - goodBytes };
}

export function damaged(where: string, offset: number): StoreError {
  return new StoreError(
    'unusable',
    'DAMAGED',
    `${where} is damaged at byte ${offset}, and what was acknowledged after it cannot be trusted: ` +
      `restore the folder from a backup, or move it away and start with an empty one`,
  );
}

const NEWLINE = Buffer.from('\n');

function checksum(body: Uint8Array): string {
  return crc32(body).toString(16).padStart(8, '0');
}

/** The JSON of a whole frame, else null. */
function bodyOf(line: Buffer): string | null {
  const end = line.indexOf(0x20, 9);
  if (end < 0 || line.at(-1) !== 0x0a) return null;
  const body = line.subarray(end + 1, -1);
  const start = `${checksum(body)} ${body.length}`;
  return line.toString('latin1', 0, end) === start ? body.toString() : null;
}

/** Whole, and then something else than its line break: it was complete once, and what follows it is another frame. */
function hasLostItsEnd(line: Buffer): boolean {
  const start = /^([0-9a-f]{8}) (\d{1,10}) /.exec(line.toString('latin1', 0, 24));
  if (start === null) return false;
  const end = start[0].length + Number(start[2]);
  return end < line.length && checksum(line.subarray(start[0].length, end)) === start[1];
}

/** A first line that is only the beginning of the right one was being written; any other is not ours. */
function refuseForeign(line: Buffer, header: Buffer, where: string): void {
  if (header.subarray(0, line.length).equals(line)) return;
  const version = /^ballast (?:journal|snapshot) (\d+) /.exec(line.toString('latin1', 0, 60))?.[1];
  if (version === undefined || version === String(FILE_VERSION)) throw damaged(where, 0);
  throw new StoreError(
    'unusable',
    'VERSION',
    `${where} is of version ${version}, this program reads version ${FILE_VERSION}: use the program that wrote it, or another folder`,
  );
}

/** With their line breaks; the last may have none. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      const rest = chunk.subarray(start, end + 1);
      yield begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}
