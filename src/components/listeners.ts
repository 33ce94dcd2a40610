/** Several listeners as one: each is told everything, in the order given. */
import type { MachineListener } from './machine.ts';

export function allOf(listeners: readonly MachineListener[]): MachineListener {
  const [only] = listeners;
  if (listeners.length === 1 && only !== undefined) return only;
  return {
    begins: (...told) => listeners.forEach((one) => one.begins(...told)),
    began: (...told) => listeners.forEach((one) => one.began(...told)),
    applied: (...told) => listeners.forEach((one) => one.applied(...told)),
    rejected: (...told) => listeners.forEach((one) => one.rejected(...told)),
    futureTime: (...told) => listeners.forEach((one) => one.futureTime(...told)),
    foreignRecord: (...told) => listeners.forEach((one) => one.foreignRecord(...told)),
    named: (...told) => listeners.forEach((one) => one.named(...told)),
    ticked: (...told) => listeners.forEach((one) => one.ticked(...told)),
    decided: (...told) => listeners.forEach((one) => one.decided(...told)),
    lastKnownGood: (...told) => listeners.forEach((one) => one.lastKnownGood(...told)),
    violation: (...told) => listeners.forEach((one) => one.violation(...told)),
    modes: (...told) => listeners.forEach((one) => one.modes(...told)),
    modeChanged: (...told) => listeners.forEach((one) => one.modeChanged(...told)),
  };
}
