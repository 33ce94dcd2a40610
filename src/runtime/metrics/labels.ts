/**
 * The values of one label, as small numbers (slots) that series keep their figures under. There is room for so many and
 * no more; the rest share slot 0, `_other`. Who has a slot keeps it until it is forgotten.
 */
import { OTHER_SYMBOLS } from '../../contract/metrics.ts';

export const OTHER_SLOT = 0;
/** No label is longer: nothing of the contract is, but an input may hold anything. */
const MAX_LABEL_LENGTH = 128;
/** Ids and names are looked up at every tick; those not seen yet are marked so. */
const UNSEEN = -1;

export interface LabelRoom {
  /** Values with a slot of their own. */
  readonly values: number;
  /** Characters of all those values together: long names may not make a scrape large. */
  readonly characters: number;
}

export class LabelSlots {
  readonly #room: LabelRoom;
  readonly #slots = new Map<string, number>();
  /** By slot. Undefined: nobody has it. */
  readonly #labels: (string | undefined)[] = [OTHER_SYMBOLS];
  readonly #idOfSlot: number[] = [UNSEEN];
  readonly #taken = new Set([OTHER_SYMBOLS]);
  readonly #free: number[] = [];
  #characters = 0;
  #nameOf: (id: number) => string;
  #slotOfId = new Int32Array(0);
  /** Nobody else gets a slot before one is given back, so that a short name does not overtake a long one. */
  #isFull = false;

  constructor(room: LabelRoom, nameOf: (id: number) => string = noIds) {
    this.#room = room;
    this.#nameOf = nameOf;
  }

  /** Slots given out so far, `_other` and free ones included. */
  get size(): number {
    return this.#labels.length;
  }

  /** What stands in the exposition; undefined: nobody has this slot. */
  label(slot: number): string | undefined {
    return this.#labels[slot];
  }

  of(name: string): number {
    return this.#slots.get(name) ?? this.#take(name);
  }

  /** The slot of the name that an id stands for. */
  ofId(id: number): number {
    const slot = this.#slotOfId[id] ?? UNSEEN;
    return slot > 0 || (slot === OTHER_SLOT && this.#isFull) ? slot : this.#resolve(id);
  }

  /** Gives a name's slot back. Returns it; null where it had none. */
  forget(name: string): number | null {
    const slot = this.#slots.get(name);
    if (slot === undefined) return null;
    const id = this.#idOfSlot[slot]!;
    if (id !== UNSEEN) this.#slotOfId[id] = UNSEEN;
    this.#slots.delete(name);
    this.#taken.delete(this.#labels[slot]!);
    this.#characters -= this.#labels[slot]!.length;
    this.#labels[slot] = undefined;
    this.#idOfSlot[slot] = UNSEEN;
    this.#free.push(slot);
    this.#isFull = false;
    return slot;
  }

  /** From now on ids mean other names, as after state was loaded anew; names keep their slots. */
  renumber(nameOf: (id: number) => string): void {
    this.#nameOf = nameOf;
    this.#slotOfId = new Int32Array(0);
  }

  #resolve(id: number): number {
    const slot = this.of(this.#nameOf(id));
    if (id >= this.#slotOfId.length) {
      const grown = new Int32Array(Math.max(64, id + 1, this.#slotOfId.length * 2)).fill(UNSEEN);
      grown.set(this.#slotOfId);
      this.#slotOfId = grown;
    }
    this.#slotOfId[id] = slot;
    if (slot !== OTHER_SLOT) this.#idOfSlot[slot] = id;
    return slot;
  }

  #take(name: string): number {
    if (this.#isFull || name.length > MAX_LABEL_LENGTH) return OTHER_SLOT;
    const label = this.#unique(cleanLabel(name));
    if (this.#slots.size >= this.#room.values || this.#characters + label.length > this.#room.characters) {
      this.#isFull = true;
      return OTHER_SLOT;
    }
    const slot = this.#free.pop() ?? this.#labels.length;
    this.#slots.set(name, slot);
    this.#labels[slot] = label;
    this.#idOfSlot[slot] = UNSEEN;
    this.#taken.add(label);
    this.#characters += label.length;
    return slot;
  }

  /** Two names that clean up alike stay two series. */
  #unique(label: string): string {
    let unique = label;
    for (let n = 2; this.#taken.has(unique); n++) unique = `${label}~${n}`;
    return unique;
  }
}

/**
 * A label value that no parser can stumble over: what is not a letter, a digit, a blank or one of a few plain signs
 * becomes `_`. An empty value would be no label at all.
 */
export function cleanLabel(name: string): string {
  return name === '' ? '_' : name.replace(/[^\p{L}\p{M}\p{N} ._:/@+#-]/gu, '_');
}

function noIds(id: number): string {
  throw new RangeError(`this label has no ids, ${id} was given`);
}
