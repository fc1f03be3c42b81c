/**
 * The IP addresses that the switch has given an interface. What others have given it stays theirs: it is
 * neither removed nor given twice.
 */

import { type Cidr, cidr as readCidr, formatCidr } from '../config/values/cidr';
import { isNativeError } from '../native/native';
import { parseIpAddress } from '../wire/ip-text';
import type { ChangeStep } from './change';
import {
  type AddressBytes,
  type AddressedLink,
  type LinkAddress,
  addAddress,
  listAddresses,
  removeAddress,
} from './link';

export class GivenAddresses {
  private given: readonly Cidr[] = [];

  /**
   * The steps by which the interface has these addresses, and none of those that it was given before.
   * @param texts addresses with the lengths of their prefixes: `192.0.2.1/24`
   * @param netnsPath of the namespace of the interface; that of this process unless given
   */
  steps(link: AddressedLink, texts: readonly string[], netnsPath?: string): ChangeStep[] {
    const wanted = texts.map(readCidr.fromText);
    const found = new Set(addressesOf(link, netnsPath).map(formatCidr));
    const kept = new Set(wanted.map(formatCidr));
    const leaving = this.given.filter((cidr) => !kept.has(formatCidr(cidr)));
    const coming = wanted.filter((cidr) => !found.has(formatCidr(cidr)));
    const add = (cidr: Cidr): void => this.add(link, cidr, netnsPath);
    const remove = (cidr: Cidr): void => this.remove(link, cidr, netnsPath);
    // An IPv6 address cannot be there with two prefix lengths: what leaves goes first.
    return [
      ...leaving.map((cidr) => ({
        what: `to lose the address ${formatCidr(cidr)}`,
        apply: () => (found.has(formatCidr(cidr)) ? remove(cidr) : this.forget(cidr)),
        undo: () => add(cidr),
      })),
      ...coming.map((cidr) => ({
        what: `the address ${formatCidr(cidr)}`,
        apply: () => add(cidr),
        undo: () => remove(cidr),
      })),
    ];
  }

  /** Removes what was given. An interface that is gone, or out of reach, has none of it. */
  takeBack(link: AddressedLink, netnsPath?: string): void {
    for (const cidr of this.given) {
      try {
        this.remove(link, cidr, netnsPath);
      } catch (error) {
        if (!isNativeError(error)) throw error;
      }
    }
    this.forgetAll();
  }

  /** Forgets what was given to an interface that is no more. */
  forgetAll(): void {
    this.given = [];
  }

  private add(link: AddressedLink, cidr: Cidr, netnsPath: string | undefined): void {
    addAddress(link, bytesOf(cidr), netnsPath);
    this.given = [...this.given, cidr];
  }

  /**
   * The kernel may remove other IPv4 addresses of the same network with the first of them
   * (net.ipv4.conf.*.promote_secondaries, __inet_del_ifa in net/ipv4/devinet.c): they are given back.
   */
  private remove(link: AddressedLink, cidr: Cidr, netnsPath: string | undefined): void {
    const before = addressesOf(link, netnsPath);
    removeAddress(link, bytesOf(cidr), netnsPath);
    this.forget(cidr);
    const left = new Set(addressesOf(link, netnsPath).map(formatCidr));
    for (const other of before) {
      const isLost = formatCidr(other) !== formatCidr(cidr) && !left.has(formatCidr(other));
      if (isLost) addAddress(link, bytesOf(other), netnsPath);
    }
  }

  private forget(cidr: Cidr): void {
    this.given = this.given.filter((other) => other !== cidr);
  }
}

function addressesOf({ index }: AddressedLink, netnsPath: string | undefined): LinkAddress[] {
  return listAddresses(netnsPath).get(index) ?? [];
}

function bytesOf({
  address,
  prefixLength,
  peer,
}: Pick<LinkAddress, 'address' | 'prefixLength'> & Partial<LinkAddress>): AddressBytes {
  const bytes = (text: string): Uint8Array => parseIpAddress(text) ?? new Uint8Array();
  return {
    address: bytes(address),
    prefixLength,
    peer: peer === undefined ? undefined : bytes(peer),
  };
}
