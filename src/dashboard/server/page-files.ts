/** The files of the page, as vite built them into `dist/dashboard/page`: in memory, compressed once. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { existsSync } from 'node:fs';

export interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Null: it would not get smaller. */
  readonly zipped: Uint8Array<ArrayBuffer> | null;
  readonly type: string;
  readonly etag: string;
  /** Its name changes with its content. */
  readonly isHashed: boolean;
}

const zip = promisify(gzip);
const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.txt', 'text/plain; charset=utf-8'],
]);
const INDEX = '/index.html';

/** Read at the first request, and again as long as there is none: the page may be built while the server runs. */
export class PageFiles {
  readonly #folder: string;
  #files: Promise<ReadonlyMap<string, PageFile>> | null = null;

  constructor(folder: string = builtPage()) {
    this.#folder = folder;
  }

  /** By the path of a URL; null: there is no such file. */
  async find(path: string): Promise<PageFile | null> {
    return (await this.#all()).get(path) ?? null;
  }

  /** Null: the page was not built. */
  async index(): Promise<PageFile | null> {
    return await this.find(INDEX);
  }

  async #all(): Promise<ReadonlyMap<string, PageFile>> {
    this.#files ??= readFolder(this.#folder);
    let isThere = false;
    try {
      const files = await this.#files;
      isThere = files.has(INDEX);
      return files;
    } finally {
      if (!isThere) this.#files = null;
    }
  }
}

/** Where the build puts it, from `dist` and from `src` alike: below the folder that has the package.json. */
function builtPage(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'dist', 'dashboard', 'page');
}

async function readFolder(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await entriesOf(folder);
  const files = await Promise.all(
    entries
      .filter((entry) => TYPES.has(extname(entry)))
      .map(async (entry): Promise<[string, PageFile]> => {
        const path = `/${entry.split(sep).join('/')}`;
        return [path, await readPageFile(join(folder, entry), path)];
      }),
  );
  return new Map(files);
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function readPageFile(file: string, path: string): Promise<PageFile> {
  const body = new Uint8Array(await readFile(file));
  const zipped = new Uint8Array(await zip(body, { level: 9 }));
  return {
    body,
    zipped: zipped.length < body.length * 0.9 ? zipped : null,
    type: TYPES.get(extname(path))!,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    isHashed: path.startsWith('/assets/'),
  };
}
