/** A source's items as decoded events with their place, or refusals; the order of the file. */
import { decodeRecord } from './formats/ballast.ts';
import type { DecodeOptions } from '../contract/decode.ts';
import type { InputEvent } from '../core/event.ts';
import type { RejectReason } from '../contract/reject.ts';
import type { ChosenFormat } from './formats/choose.ts';
import type { FormatOptions, LineItem, Source } from './formats/format.ts';

export interface LocatedEvent {
  readonly event: InputEvent;
  readonly source: number;
  readonly line: number;
  /** The event's own time lay too far after its arrival; the arrival was taken. */
  readonly futureTime: boolean;
}

export interface RejectedLine {
  readonly event: null;
  readonly source: number;
  readonly line: number;
  readonly reason: RejectReason;
  readonly detail: string;
  readonly raw: string;
}

export interface OpenInput {
  readonly source: Source;
  readonly chosen: ChosenFormat;
}

export async function* readEvents(
  input: OpenInput,
  index: number,
  formatOptions: FormatOptions,
  decodeOptions: DecodeOptions,
): AsyncGenerator<(LocatedEvent | RejectedLine)[]> {
  const { format } = input.chosen;
  if (format.readEvents !== undefined) {
    for await (const items of format.readEvents(input.source, formatOptions, decodeOptions))
      yield items.map((item) => locate(item, index));
    return;
  }
  for await (const items of format.read(input.source, formatOptions))
    yield items.map((item) => locate('record' in item ? decodeRecord(item, decodeOptions) : item, index));
}

function locate(item: LineItem, source: number): LocatedEvent | RejectedLine {
  const { line } = item;
  if ('reason' in item)
    return { event: null, source, line, reason: item.reason, detail: item.detail, raw: item.raw };
  return { event: item.event, source, line, futureTime: item.futureTime };
}
