/** Answers as they go out: JSON and files, compressed where whoever asks takes that. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'hono';
import type { PageFile } from './page-files.ts';

const ZIP_FROM_LENGTH = 1024;
const zip = promisify(gzip);

export async function json(context: Context, value: unknown): Promise<Response> {
  const text = JSON.stringify(value);
  const headers = { 'Content-Type': 'application/json', Vary: 'Accept-Encoding' };
  if (text.length < ZIP_FROM_LENGTH || !takesGzip(context)) return context.body(text, 200, headers);
  const zipped = new Uint8Array(await zip(text, { level: 4 }));
  return context.body(zipped, 200, { ...headers, 'Content-Encoding': 'gzip' });
}

function takesGzip(context: Context): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(
    context.req.header('accept-encoding')?.slice(0, 200) ?? '',
  );
}

export function sendFile(context: Context, { body, zipped, type, etag, isHashed }: PageFile): Response {
  const headers = {
    'Content-Type': type,
    ETag: etag,
    Vary: 'Accept-Encoding',
    'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  if (context.req.header('if-none-match')?.includes(etag) === true) return context.body(null, 304, headers);
  return zipped !== null && takesGzip(context)
    ? context.body(zipped, 200, { ...headers, 'Content-Encoding': 'gzip' })
    : context.body(body, 200, headers);
}

export function notBuilt(context: Context): Response {
  return context.text(
    'The page was not built. Run: npm run build\nThe API is there all the same: /api/v1/openapi.json\n',
    503,
  );
}
