/**
 * The one way to change an interface: steps that are carried out in order, all of them or none. When a
 * step is refused, the steps before it are undone, the last one first.
 *
 * `tapctl tap`, the library and the ports of a switch use it, and a reload uses it through the ports.
 * They reach an interface in two ways: by its name (rtnetlink), or through the descriptor of an open
 * TAP, which also reaches an interface that was renamed or moved.
 */

import { isNativeError } from '../native/native';
import { type AddressBytes, formatAddress, formatMacBytes } from './link';

/** One change of an interface. */
export interface ChangeStep {
  /** Object of the change, as a refusal names it: `an MTU of 9000`. */
  readonly what: string;
  readonly apply: () => void;
  /** Absent for a change that cannot be undone. Such a step comes last. */
  readonly undo?: () => void;
}

/** Present state of the properties that can be changed. */
export interface InterfaceState {
  readonly mtuBytes: number;
  /** Maximum number of frames that wait for the program (txqueuelen); undefined if unknown. */
  readonly queueFrames: number | undefined;
  /** Six bytes in wire order; undefined if there is none, or it is unknown. */
  readonly mac: Uint8Array | undefined;
  readonly isUp: boolean;
}

/** Wanted state of an interface. A property that is left out stays as it is. */
export interface InterfaceSettings {
  readonly mtuBytes?: number | undefined;
  readonly queueFrames?: number | undefined;
  readonly mac?: Uint8Array | undefined;
  /** Addresses to add. The interface keeps those that it has. */
  readonly addresses?: readonly AddressBytes[];
  readonly isUp?: boolean | undefined;
}

/** Access to an interface. Each method throws a NativeError if the kernel refuses the change. */
export interface InterfaceHandle {
  setMtu(mtuBytes: number): void;
  setQueue(frames: number): void;
  setMac(mac: Uint8Array): void;
  setUp(isUp: boolean): void;
  addAddress?(address: AddressBytes): void;
  removeAddress?(address: AddressBytes): void;
}

/**
 * Carries out all steps, or none.
 * @param explain makes the error to throw of a refusal; by default, the error of the step is thrown
 */
export function carryOut(
  steps: readonly ChangeStep[],
  explain: (what: string, error: unknown) => unknown = (_, error) => error,
): void {
  const done: ChangeStep[] = [];
  for (const step of steps) {
    try {
      step.apply();
    } catch (error) {
      for (const earlier of done.reverse()) undo(earlier);
      throw explain(step.what, error);
    }
    done.push(step);
  }
}

/**
 * Steps from one state of an interface to another: the queue first, up or down last.
 * @param before present state, which undoing restores
 */
export function interfaceSteps(
  handle: InterfaceHandle,
  before: InterfaceState,
  { queueFrames, mtuBytes, mac, addresses = [], isUp }: InterfaceSettings,
): ChangeStep[] {
  const steps: ChangeStep[] = [];
  const add = <T>(what: string, set: (value: T) => void, to: T, back: T | undefined): void => {
    steps.push({
      what,
      apply: () => set(to),
      undo: () => {
        if (back !== undefined) set(back);
      },
    });
  };
  if (queueFrames !== undefined) {
    const what = `a queue of ${queueFrames} frames`;
    add(what, (frames) => handle.setQueue(frames), queueFrames, before.queueFrames);
  }
  if (mtuBytes !== undefined) {
    add(`an MTU of ${mtuBytes}`, (bytes) => handle.setMtu(bytes), mtuBytes, before.mtuBytes);
  }
  if (mac !== undefined) {
    add(`the MAC ${formatMacBytes(mac)}`, (bytes) => handle.setMac(bytes), mac, before.mac);
  }
  for (const address of addresses) {
    steps.push({
      what: `the address ${formatAddress(address.address)}/${address.prefixLength}`,
      apply: () => handle.addAddress?.(address),
      undo: () => handle.removeAddress?.(address),
    });
  }
  if (isUp !== undefined) {
    const what = `to set the interface ${isUp ? 'up' : 'down'}`;
    add(what, (up) => handle.setUp(up), isUp, before.isUp);
  }
  return steps;
}

/** Undoes a step. A refusal is ignored: it means that the device is gone or out of reach. */
function undo(step: ChangeStep): void {
  try {
    step.undo?.();
  } catch (error) {
    if (!isNativeError(error)) throw error;
  }
}
