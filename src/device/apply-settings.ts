/** Applies settings to an interface by its name: all of them, or none. */

import { descriptorsExhausted } from '../system/descriptors';
import { isNativeError } from '../native/native';
import { type InterfaceHandle, carryOut, interfaceSteps } from './change';
import type { CheckedSettings } from './device-options';
import { kernelsWords, privilege } from './explain-refusal';
import { type Link, addAddress, changeLink, removeAddress } from './link';
import { TunTapError } from '../system/tuntap-error';

/**
 * @param link present state of the interface, which is restored if a setting is refused
 * @throws TunTapError that names the setting, but not the device
 */
export function applySettings(link: Link, settings: CheckedSettings, netnsPath?: string): void {
  // An interface that is in the wanted state needs no change, and no right to change it.
  const isUp = settings.isUp === link.isUp ? undefined : settings.isUp;
  carryOut(interfaceSteps(handleOf(link, netnsPath), link, { ...settings, isUp }), refusedSetting);
}

function handleOf(link: Link, netnsPath: string | undefined): InterfaceHandle {
  const { name } = link;
  return {
    setMtu: (mtuBytes) => changeLink(name, { mtuBytes }, netnsPath),
    setQueue: (queueFrames) => changeLink(name, { queueFrames }, netnsPath),
    setMac: (mac) => changeLink(name, { mac }, netnsPath),
    setUp: (isUp) => changeLink(name, { isUp }, netnsPath),
    addAddress: (address) => addAddress(link, address, netnsPath),
    removeAddress: (address) => removeAddress(link, address, netnsPath),
  };
}

/**
 * What is thrown where a setting of an interface is refused, for `carryOut`.
 * @returns a TunTapError that names the setting, without the device, where the kernel refused it
 */
export function refusedSetting(what: string, error: unknown): unknown {
  if (!isNativeError(error)) return error;
  const { code, syscall, detail } = error;
  const exhausted = descriptorsExhausted(error);
  if (exhausted !== undefined) return new TunTapError(code, exhausted, { syscall, cause: error });
  // A detail from rtnetlink means that the value is wrong, not that a right is missing.
  const cure = detail ? 'choose another value' : privilege(code);
  const message = `the kernel refuses ${what} (${kernelsWords(error)}); ${cure}`;
  return new TunTapError(code, message, { syscall, cause: error });
}
