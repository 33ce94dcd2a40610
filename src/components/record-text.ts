/**
 * A row as text and back: a JSON list of the numbers (their eight bytes each, in base64, so that they come back bit for
 * bit) and the names that go with them. The bytes are little-endian, whatever the machine.
 */
const IS_LITTLE_ENDIAN = new Uint8Array(new Float64Array([1]).buffer)[7] === 0x3f;

export interface RowText {
  readonly numbers: Float64Array;
  readonly names: readonly string[];
}

export function encodeRow(numbers: Float64Array, names: readonly string[]): string {
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const base64 = (IS_LITTLE_ENDIAN ? bytes : Buffer.from(bytes).swap64()).toString('base64');
  return names.length === 0 ? `["${base64}"]` : JSON.stringify([base64, ...names]);
}

/** Throws `RangeError` where the text is none of `encodeRow`. */
export function decodeRow(text: string): RowText {
  const parts: unknown = JSON.parse(text);
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string') || parts.length === 0)
    throw new RangeError(`a committed row is unreadable: ${text.slice(0, 40)}`);
  const [base64, ...names] = parts as [string, ...string[]];
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length % 8 !== 0) throw new RangeError(`a committed row has ${bytes.length} bytes`);
  if (!IS_LITTLE_ENDIAN) bytes.swap64();
  const numbers = new Float64Array(bytes.length / 8);
  new Uint8Array(numbers.buffer).set(bytes);
  return { numbers, names };
}
