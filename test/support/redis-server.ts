/** A real redis-server of the machine for a test: its own folder and a free port of 127.0.0.1. Absent, the test fails. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, ErrorReply } from '@redis/client';

export interface RedisServerOptions {
  /** More words for the command line, such as `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[];
  readonly appendonly?: boolean;
  /** Kept when it ends; without it a folder that goes with the server. */
  readonly dir?: string;
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  /** One command over a connection of the test's own, with no limits of time. Rejects with what Redis answers. */
  send(...command: (string | Buffer)[]): Promise<unknown>;
  /** `SIGSTOP`, `SIGCONT`, or an end; waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts again in the same folder, on the same port; first ends it if it runs. */
  restart(args?: readonly string[]): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = new Server(options);
  await server.start();
  return server;
}

const START_MS = 10_000;
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

class Server implements RedisServer {
  port = 0;
  readonly dir: string;
  readonly #keepsDir: boolean;
  #args: readonly string[];
  #child: ChildProcess | null = null;
  #output = '';
  #client: Promise<Client> | null = null;

  constructor({ args = [], appendonly = false, dir }: RedisServerOptions) {
    this.#keepsDir = dir !== undefined;
    this.dir = dir ?? mkdtempSync(join(tmpdir(), 'ballast-redis-'));
    this.#args = ['--appendonly', appendonly ? 'yes' : 'no', ...args];
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Takes a free port; another program may be faster, then the next one. */
  async start(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      if (this.port === 0) this.port = await freePort();
      try {
        return await this.#launch();
      } catch (error) {
        if (attempt === 3 || !this.#output.includes('Address already in use')) throw error;
        this.port = 0;
      }
    }
  }

  async send(...command: (string | Buffer)[]): Promise<unknown> {
    const connecting = (this.#client ??= connect(this.port));
    try {
      const client = await connecting;
      return await client.sendCommand(command);
    } catch (error) {
      // One that never was, or is over, is not asked again.
      if (!(error instanceof ErrorReply) && this.#client === connecting) this.#client = null;
      throw error;
    }
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    child.kill(signal);
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
    // A stopped process dies of nothing else.
    if (signal !== 'SIGKILL') child.kill('SIGCONT');
    await ended(child);
    this.#child = null;
    await this.#hangUp();
  }

  async restart(args?: readonly string[]): Promise<void> {
    await this.kill('SIGKILL');
    if (args !== undefined) this.#args = args;
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#hangUp();
    await this.kill('SIGKILL');
    if (!this.#keepsDir) rmSync(this.dir, { recursive: true, force: true });
  }

  async #launch(): Promise<void> {
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.dir];
    const plain = ['--save', '', '--daemonize', 'no', '--enable-debug-command', 'local'];
    const child = spawn('redis-server', [...place, ...plain, ...this.#args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = '';
    let failure: Error | null = null;
    child.once('error', (error) => (failure = error));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (this.#output = (this.#output + bytes.toString()).slice(-4000)));
    running.add(child);
    child.once('close', () => running.delete(child));
    for (let waitedMs = 0; waitedMs < START_MS; waitedMs += 10) {
      if (failure !== null)
        throw new Error(
          'redis-server does not start: these tests need Redis 7 (Debian: apt install redis-server)',
          {
            cause: failure,
          },
        );
      if (child.exitCode !== null) throw new Error(`redis-server ended by itself:\n${this.#output}`);
      if (await answersPing(this.port)) return;
      await sleep(10);
    }
    throw new Error(`redis-server did not answer within ${START_MS} ms:\n${this.#output}`);
  }

  async #hangUp(): Promise<void> {
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    client?.destroy();
  }
}

type Client = Awaited<ReturnType<typeof connect>>;

/** Making a client takes 20 ms, a duplicate of one nothing. */
const template = createClient({ RESP: 2, commandOptions: { timeout: 0 }, maintNotifications: 'disabled' });

async function connect(port: number) {
  const client = template.duplicate({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } });
  // The command that was underway rejects.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** One of 127.0.0.1 that nobody has. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Also a server that wants a password or may not be asked: it is up. Not one that still loads. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (bytes) => {
      resolve(!bytes.toString().startsWith('-LOADING'));
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}
