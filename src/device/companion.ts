/**
 * The TAP that stands for an interface which the switch takes: its name, and the text by which it is
 * known again. `ports/nic-port.ts` says what it is for.
 */

import { createHash } from 'node:crypto';

/** Bytes of an interface's name, at most, with its end: IFNAMSIZ, linux/if.h. */
const NAME_BYTES = 16;
const MARK = '~';
/** Characters of a long name that its companion keeps, and of the digest that stands for the rest. */
const KEPT_CHARACTERS = 7;
const DIGEST_CHARACTERS = 7;
const ALIAS = 'tapswitch: where the frames of ';

/** The name of the TAP that stands for an interface: always the same for one name. */
export function companionOf(name: string): string {
  const whole = `${MARK}${name}`;
  if (Buffer.byteLength(whole) < NAME_BYTES) return whole;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_CHARACTERS);
  return `${MARK}${name.slice(0, KEPT_CHARACTERS)}${digest}`;
}

/** What people who list interfaces read about a companion (IFLA_IFALIAS). */
export function companionAlias(name: string): string {
  return `${ALIAS}${name} go`;
}

/** @param alias of any interface */
export function isCompanionAlias(alias: string): boolean {
  return alias.startsWith(ALIAS);
}
