/** What a component committed, read back: where that cannot be used, it is said in one way whoever finds it. */
import { StoreError } from '../store/store.ts';

/** What `read` returns. Throws `StoreError` (unusable), naming the component, where it throws over what it reads. */
export function readCommitted<Value>(component: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    const why = `${component} cannot go on from what it committed: ${error.message}`;
    throw new StoreError('unusable', 'STATE', why, error);
  }
}
