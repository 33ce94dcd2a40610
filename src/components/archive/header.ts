/**
 * The first line of every stretch of the archive: by which program and with which settings it was recorded, so that the
 * stretch can be computed again.
 */
import { encode } from '../../contract/encode.ts';
import { formatSetting, parseSettings, SETTING_NAMES, type SettingText } from '../../contract/settings.ts';
import { VERSION } from '../../contract/version.ts';
import { DECLARATIONS, type TickingComponent } from '../declarations.ts';
import { KEPT_VERSION } from '../member.ts';
import type { Settings } from '../../core/settings.ts';

/** Counts up with every change of what lines mean. */
export const ARCHIVE_VERSION = 1;
/** A line of this type begins a stretch. */
export const HEADER_LINE = 'archive';

export interface ArchiveHeader {
  /** The version of the program that recorded. */
  readonly program: string;
  readonly namespace: string;
  readonly components: readonly TickingComponent[];
  readonly settings: Settings;
}

export function encodeHeader(header: Omit<ArchiveHeader, 'program'>, modesSet: ReadonlySet<string>): string {
  const { settings } = header;
  return encode({
    type: HEADER_LINE,
    v: ARCHIVE_VERSION,
    kept: KEPT_VERSION,
    program: VERSION,
    namespace: header.namespace,
    components: header.components,
    settings: new Map(SETTING_NAMES.map((name) => [name, formatSetting(name, settings)])),
    by_symbol: overrides(settings.bySymbol),
    by_bot: overrides(settings.byBot),
    modes_set: [...modesSet],
  });
}

/** Throws `RangeError`, for people, where it is of another version or cannot be used. */
export function decodeHeader(fields: Readonly<Record<string, unknown>>): ArchiveHeader {
  const { v, kept, program, namespace, components } = fields;
  const by = typeof program === 'string' ? program : 'an unknown version';
  if (v !== ARCHIVE_VERSION || kept !== KEPT_VERSION)
    throw new RangeError(
      `it was recorded by ${by} in version ${String(v)} (state ${String(kept)}), this is ${VERSION}, which reads version ${ARCHIVE_VERSION} (state ${KEPT_VERSION}); use the program that recorded it`,
    );
  if (
    typeof namespace !== 'string' ||
    !Array.isArray(components) ||
    !components.every((name): name is TickingComponent => Object.hasOwn(DECLARATIONS, String(name)))
  )
    throw new RangeError('its first line is damaged: namespace or components cannot be read');
  const parsed = parseSettings(textsOf(fields['settings']), {
    bySymbol: nestedTextsOf(fields['by_symbol']),
    byBot: nestedTextsOf(fields['by_bot']),
  });
  if (parsed.settings === null)
    throw new RangeError(
      `its settings cannot be used: ${parsed.violations.map((one) => one.message).join('; ')}`,
    );
  return { program: by, namespace, components, settings: parsed.settings };
}

function overrides(all: ReadonlyMap<string, object>): Map<string, Map<string, string>> {
  return new Map(
    [...all].map(([owner, values]) => [
      owner,
      new Map(Object.entries(values).map(([name, value]) => [name, value === null ? '' : String(value)])),
    ]),
  );
}

function textsOf(value: unknown): Map<string, SettingText> {
  return new Map(entriesOf(value).map(([name, text]) => [name, { text: String(text), source: 'archive' }]));
}

function nestedTextsOf(value: unknown): Map<string, Map<string, SettingText>> {
  return new Map(entriesOf(value).map(([owner, texts]) => [owner, textsOf(texts)]));
}

function entriesOf(value: unknown): [string, unknown][] {
  if (value === null || typeof value !== 'object')
    throw new RangeError('its first line is damaged: the settings cannot be read');
  return Object.entries(value);
}
