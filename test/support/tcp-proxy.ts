/** A TCP proxy on 127.0.0.1 that does to a connection what networks do: cuts, delays, slices, holds, swallows. */
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** `request` goes to the server, `reply` comes from it. */
export type Direction = 'request' | 'reply';

export interface TcpProxy {
  readonly port: number;
  /** Connections open now. */
  readonly connections: number;
  /** Bytes passed on since the start or the last `reset`. */
  readonly passed: Readonly<Record<Direction, number>>;
  /** Passes on so many more bytes in that direction, then cuts that connection; once. */
  cutAfter(direction: Direction, bytes: number): void;
  /** Keeps everything until `resume`. */
  hold(): void;
  resume(): void;
  /** Swallows everything in both directions and keeps connections open: a half-open link. Ends with `reset`. */
  drop(): void;
  /** Ends every connection with RST and forgets all faults and counts. */
  reset(): void;
  /** Delays each piece in both directions. */
  latency(ms: number): void;
  /** Passes on pieces of at most so many bytes. */
  slice(bytes: number): void;
  stop(): Promise<void>;
}

export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const proxy = new Proxy(targetPort);
  await proxy.listen();
  return proxy;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

class Proxy implements TcpProxy {
  passed = { request: 0, reply: 0 };
  readonly #targetPort: number;
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  readonly #held: (() => void)[] = [];
  #cut: { readonly direction: Direction; left: number } | null = null;
  #isHolding = false;
  #isDropping = false;
  #latencyMs = 0;
  #sliceBytes = Infinity;

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#listener = createServer((client) => this.#accept(client));
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen(0, '127.0.0.1', () => resolve());
    });
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  cutAfter(direction: Direction, bytes: number): void {
    this.#cut = { direction, left: bytes };
  }

  hold(): void {
    this.#isHolding = true;
  }

  resume(): void {
    this.#isHolding = false;
    for (const pass of this.#held.splice(0)) pass();
  }

  drop(): void {
    this.#isDropping = true;
  }

  reset(): void {
    for (const pair of this.#pairs) this.#end(pair, true);
    this.#held.length = 0;
    this.#cut = null;
    this.#isHolding = false;
    this.#isDropping = false;
    this.#latencyMs = 0;
    this.#sliceBytes = Infinity;
    this.passed = { request: 0, reply: 0 };
  }

  latency(ms: number): void {
    this.#latencyMs = ms;
  }

  slice(bytes: number): void {
    this.#sliceBytes = bytes;
  }

  async stop(): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #accept(client: Socket): void {
    const server = createConnection(this.#targetPort, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    client.setNoDelay(true);
    server.setNoDelay(true);
    for (const socket of [client, server]) {
      // A broken connection is what this is for; the other end is told by the close that follows.
      socket.on('error', () => this.#end(pair, true));
      socket.on('close', () => {
        // A link that swallows everything also swallows that the other end is gone.
        if (!this.#isDropping) this.#end(pair, false);
      });
    }
    client.on('data', (bytes) => this.#carry(pair, 'request', bytes));
    server.on('data', (bytes) => this.#carry(pair, 'reply', bytes));
  }

  #carry(pair: Pair, direction: Direction, bytes: Buffer): void {
    if (this.#isDropping) return;
    for (let from = 0; from < bytes.length; from += this.#sliceBytes) {
      const piece = bytes.subarray(from, from + this.#sliceBytes);
      const pass = (): void => this.#pass(pair, direction, piece);
      if (this.#isHolding) this.#held.push(pass);
      else if (this.#latencyMs > 0) setTimeout(pass, this.#latencyMs);
      else pass();
    }
  }

  #pass(pair: Pair, direction: Direction, piece: Buffer): void {
    const to = direction === 'request' ? pair.server : pair.client;
    if (this.#isDropping || to.destroyed) return;
    const cut = this.#cut?.direction === direction ? this.#cut : null;
    const bytes = cut === null ? piece : piece.subarray(0, cut.left);
    this.passed[direction] += bytes.length;
    if (cut === null || cut.left > piece.length) {
      if (cut !== null) cut.left -= piece.length;
      to.write(bytes);
      return;
    }
    this.#cut = null;
    // What was passed on still arrives; the sender learns nothing but that it is over.
    to.end(bytes);
    (direction === 'request' ? pair.client : pair.server).destroy();
    if (direction === 'request') pair.client.destroy();
    this.#pairs.delete(pair);
  }

  #end(pair: Pair, abruptly: boolean): void {
    this.#pairs.delete(pair);
    for (const socket of [pair.client, pair.server]) {
      if (abruptly && !socket.destroyed) socket.resetAndDestroy();
      else socket.end();
    }
  }
}
