/** Gives an interface its settings: all of them, or none. */

import { descriptorsExhausted } from '../system/descriptors';
import { type NativeError, isNativeError } from '../native/native';
import type { CheckedSettings } from './device-options';
import { kernelsWords, privilege } from './explain-refusal';
import {
  type AddressBytes,
  type Link,
  type LinkChange,
  addAddress,
  changeLink,
  formatAddress,
  formatMacBytes,
  removeAddress,
} from './link';
import { TunTapError } from '../system/tuntap-error';

interface Step {
  /** What may be refused, for the error. */
  readonly what: string;
  apply(): void;
  undo(): void;
}

/**
 * @param link as it is now, to which it returns where a setting is refused
 * @throws TunTapError that names the setting, without the device
 */
export function applySettings(link: Link, settings: CheckedSettings, netnsPath?: string): void {
  const done: Step[] = [];
  for (const step of stepsOf(link, settings, netnsPath)) {
    try {
      step.apply();
      done.push(step);
    } catch (error) {
      for (const earlier of done.reverse()) undo(earlier);
      throw isNativeError(error) ? refusal(step.what, error) : error;
    }
  }
}

function stepsOf(link: Link, settings: CheckedSettings, netnsPath?: string): Step[] {
  const change = (what: string, to: LinkChange, back: LinkChange): Step => ({
    what,
    apply: () => changeLink(link.name, to, netnsPath),
    undo: () => changeLink(link.name, back, netnsPath),
  });
  const { mtuBytes, mac, isUp } = settings;
  const steps: Step[] = [];
  if (mtuBytes !== undefined) {
    steps.push(change(`an MTU of ${mtuBytes}`, { mtuBytes }, { mtuBytes: link.mtuBytes }));
  }
  if (mac !== undefined) {
    const back = link.mac === undefined ? {} : { mac: link.mac };
    steps.push(change(`the MAC ${formatMacBytes(mac)}`, { mac }, back));
  }
  for (const address of settings.addresses) steps.push(giveAddress(link, address, netnsPath));
  if (isUp !== undefined && isUp !== link.isUp) {
    const what = `to set the interface ${isUp ? 'up' : 'down'}`;
    steps.push(change(what, { isUp }, { isUp: link.isUp }));
  }
  return steps;
}

function giveAddress(link: Link, address: AddressBytes, netnsPath?: string): Step {
  return {
    what: `the address ${formatAddress(address.address)}/${address.prefixLength}`,
    apply: () => addAddress(link, address, netnsPath),
    undo: () => removeAddress(link, address, netnsPath),
  };
}

/** What cannot be undone, because the interface is gone, needs no undoing. */
function undo(step: Step): void {
  try {
    step.undo();
  } catch (error) {
    if (!isNativeError(error)) throw error;
  }
}

function refusal(what: string, error: NativeError): TunTapError {
  const { code, syscall, detail } = error;
  const exhausted = descriptorsExhausted(error);
  if (exhausted !== undefined) return new TunTapError(code, exhausted, { syscall, cause: error });
  // Where rtnetlink says what is wrong, it is not a right that is missing.
  const cure = detail ? 'choose another value' : privilege(code);
  const message = `the kernel refuses ${what} (${kernelsWords(error)}); ${cure}`;
  return new TunTapError(code, message, { syscall, cause: error });
}
