/** Answers as they go out: JSON and files, compressed where whoever asks takes that. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'hono';
import type { PageFile } from './page-files.ts';

const ZIP_FROM_LENGTH = 1024;
const zip = promisify(gzip);

const HEADERS = { 'Content-Type': 'application/json', Vary: 'Accept-Encoding' };
const ZIP = { level: 4 };

type Bytes = Uint8Array<ArrayBuffer>;

export async function json(context: Context, value: unknown): Promise<Response> {
  const text = JSON.stringify(value);
  if (text.length < ZIP_FROM_LENGTH || !takesGzip(context)) return context.body(text, 200, HEADERS);
  const zipped = new Uint8Array(await zip(text, ZIP));
  return context.body(zipped, 200, { ...HEADERS, 'Content-Encoding': 'gzip' });
}

/** Of what is large and does not change while it is the same object: many who ask get the same bytes, made once. */
export async function sharedJson(context: Context, value: object): Promise<Response> {
  const bytes = sharedBytes(value);
  if (bytes.length < ZIP_FROM_LENGTH || !takesGzip(context)) return context.body(bytes, 200, HEADERS);
  const zipping = zippedOf.get(value) ?? zip(bytes, ZIP).then((zipped) => new Uint8Array(zipped));
  zippedOf.set(value, zipping);
  return context.body(await zipping, 200, { ...HEADERS, 'Content-Encoding': 'gzip' });
}

export function sharedBytes(value: object): Bytes {
  const bytes = bytesOf.get(value) ?? new TextEncoder().encode(JSON.stringify(value));
  bytesOf.set(value, bytes);
  return bytes;
}

const bytesOf = new WeakMap<object, Bytes>();
const zippedOf = new WeakMap<object, Promise<Bytes>>();

function takesGzip(context: Context): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(
    context.req.header('accept-encoding')?.slice(0, 200) ?? '',
  );
}

export function sendFile(
  context: Context,
  { body, zipped, type, etag, isHashed }: PageFile,
  status: 200 | 404 = 200,
): Response {
  const headers = {
    'Content-Type': type,
    ETag: etag,
    Vary: 'Accept-Encoding',
    'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  if (status === 200 && context.req.header('if-none-match')?.includes(etag) === true)
    return context.body(null, 304, headers);
  return zipped !== null && takesGzip(context)
    ? context.body(zipped, status, { ...headers, 'Content-Encoding': 'gzip' })
    : context.body(body, status, headers);
}

export function notBuilt(context: Context): Response {
  return context.text(
    'The page was not built. Run: npm run build\nThe API is there all the same: /api/v1/openapi.json\n',
    503,
  );
}
