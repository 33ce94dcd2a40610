/** Findings about many keys that say the same, as one finding that lists them. */
import { finding, listed, type Finding, type FindingId } from './doctor-table.ts';

interface Group {
  readonly id: FindingId;
  readonly what: string;
  readonly remedy: string;
  readonly wheres: string[];
}

export class Groups {
  readonly #groups = new Map<string, Group>();

  add(id: FindingId, where: string, what: string, remedy: string): void {
    const name = JSON.stringify([id, what, remedy]);
    const group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, { id, what, remedy, wheres: [where] });
    else group.wheres.push(where);
  }

  /** In the order each came up first. */
  findings(): Finding[] {
    return [...this.#groups.values()].map(({ id, what, remedy, wheres }) =>
      finding(id, listed(wheres), wheres.length === 1 ? what : `${wheres.length} times: ${what}`, remedy),
    );
  }
}
