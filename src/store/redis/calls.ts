/** Calls our functions, and loads them where the server does not have them: it is new, was emptied, or failed over. */
import type { Connection } from './connection.ts';
import { functionName, LIBRARY, type FunctionName } from './functions/library.ts';
import { isError, refusal, type Answer, type Command, type Reply } from './reply.ts';

export class Functions {
  readonly #connection: Connection;
  #loading: Promise<void> | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The call as a command, for a pipeline: whoever sends it looks for `isMissing` among the answers. */
  commandOf(name: FunctionName, keys: readonly string[], args: Command): Command {
    return ['FCALL', functionName(name), String(keys.length), ...keys, ...args];
  }

  async call(name: FunctionName, keys: readonly string[], args: Command): Promise<Reply> {
    const [answer] = await this.callAll([this.commandOf(name, keys, args)]);
    if (isError(answer!)) throw refusal(answer, this.#connection.where);
    return answer!;
  }

  /** Calls that do not depend on each other, in one go, each with its answer or its error. */
  async callAll(commands: readonly Command[]): Promise<Answer[]> {
    const answers = await this.#connection.exchange(commands);
    const missing = answers.flatMap((answer, i) => (isMissing(answer) ? [i] : []));
    if (missing.length === 0) return answers;
    await this.load();
    const repeated = await this.#connection.exchange(missing.map((i) => commands[i]!));
    missing.forEach((place, i) => (answers[place] = repeated[i]!));
    return answers;
  }

  /** Loads the functions, once for all who find them missing. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #load(): Promise<void> {
    const [answer] = await this.#connection.exchange([['FUNCTION', 'LOAD', LIBRARY]]);
    // Someone else of this version was faster.
    if (isError(answer!) && !answer.message.includes('already exists'))
      throw refusal(answer, this.#connection.where);
  }
}

/** The server did not have the function, so nothing ran. */
export function isMissing(answer: Answer): boolean {
  return isError(answer) && answer.message.includes('Function not found');
}
