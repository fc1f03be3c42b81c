/**
 * The one way to change an interface: steps that are carried out in order, all of them or none. A step
 * that is refused takes back those before it, the last first.
 *
 * `tapctl tap`, the library and the ports of a switch use it, and a reload by way of the ports. They
 * reach an interface in two ways: by its name (rtnetlink), or through the descriptor of a TAP that is
 * open, which still leads to an interface that was renamed or moved.
 */

import { isNativeError } from '../native/native';
import { type AddressBytes, formatAddress, formatMacBytes } from './link';

/** One change. */
export interface ChangeStep {
  /** What may be refused: `an MTU of 9000`. */
  readonly what: string;
  readonly apply: () => void;
  /** Absent for what the kernel does not take back. Such a step comes last. */
  readonly undo?: () => void;
}

/** What an interface is, as far as it can be changed. */
export interface InterfaceState {
  readonly mtuBytes: number;
  /** Frames that wait for the program at most (txqueuelen); undefined where it cannot be known. */
  readonly queueFrames: number | undefined;
  /** Six bytes in wire order; undefined where it has none, or it cannot be known. */
  readonly mac: Uint8Array | undefined;
  readonly isUp: boolean;
}

/** What an interface is to be. What is left out stays. */
export interface InterfaceSettings {
  readonly mtuBytes?: number | undefined;
  readonly queueFrames?: number | undefined;
  readonly mac?: Uint8Array | undefined;
  /** Added to those that it has. */
  readonly addresses?: readonly AddressBytes[];
  readonly isUp?: boolean | undefined;
}

/** A way to an interface. Each call throws a NativeError where the kernel refuses. */
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
 * @param explain makes of a refusal what is thrown; unless given, that is what the step threw
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
 * The steps from one state of an interface to another: what makes room first, up last.
 * @param before the state as it is now, to which the steps lead back
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

/** Takes a step back. What the kernel refuses there concerns a device that is gone or out of reach. */
function undo(step: ChangeStep): void {
  try {
    step.undo?.();
  } catch (error) {
    if (!isNativeError(error)) throw error;
  }
}
