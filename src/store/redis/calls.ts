/** Calls our functions, and loads them where the server does not have them: it is new, was emptied, or failed over. */
import type { Connection } from './connection.ts';
import { functionName, LIBRARY, type FunctionName } from './functions/library.ts';
import { isError, refusal, type Command, type Reply } from './reply.ts';

export class Functions {
  readonly #connection: Connection;
  #loading: Promise<void> | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async call(name: FunctionName, keys: readonly string[], args: Command): Promise<Reply> {
    const command = ['FCALL', functionName(name), String(keys.length), ...keys, ...args];
    const [answer] = await this.#connection.exchange([command]);
    if (!isError(answer!)) return answer!;
    if (!answer.message.includes('Function not found')) throw refusal(answer, this.#connection.where);
    // It did not run, so this is no repeat.
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    await this.#loading;
    return this.#connection.call(command);
  }

  async #load(): Promise<void> {
    const [answer] = await this.#connection.exchange([['FUNCTION', 'LOAD', LIBRARY]]);
    // Someone else of this version was faster.
    if (isError(answer!) && !answer.message.includes('already exists'))
      throw refusal(answer, this.#connection.where);
  }
}
