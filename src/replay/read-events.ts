/** A source's items as decoded events with their place, or refusals; in the order of the file. */
import { decodeItem } from './formats/ballast.ts';
import type { DecodeOptions } from '../contract/decode.ts';
import type { ChosenFormat } from './formats/choose.ts';
import type { FormatOptions, LocatedEvent, RejectedLine, Source } from './formats/format.ts';

export interface OpenInput {
  readonly source: Source;
  readonly chosen: ChosenFormat;
}

export async function* readEvents(
  input: OpenInput,
  sourceNumber: number,
  formatOptions: FormatOptions,
  decodeOptions: DecodeOptions,
): AsyncGenerator<(LocatedEvent | RejectedLine)[]> {
  const { format } = input.chosen;
  if (format.readEvents !== undefined) {
    yield* format.readEvents(input.source, sourceNumber, decodeOptions);
    return;
  }
  for await (const items of format.read(input.source, formatOptions))
    yield items.map((item) => decodeItem(item, sourceNumber, decodeOptions));
}
