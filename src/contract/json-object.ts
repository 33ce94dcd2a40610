/** A JSON object as a map: any names are harmless. */

/** The fields of the object in a text, or null where the text is no JSON object. Of a repeated name the last counts. */
export function parseJsonObject(text: string): ReadonlyMap<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(text);
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    return isObject ? new Map(Object.entries(json)) : null;
  } catch {
    return null;
  }
}
