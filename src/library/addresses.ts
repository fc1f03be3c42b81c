/** The switch's own addresses, for programs. */

import {
  addAddress,
  addressFilter,
  listAddresses,
  ownAddress,
  removeAddress,
} from '../control/resources/addresses';
import type { OwnAddressBody } from '../control/shapes';
import { type Requests, withKey } from './requests';

/** VLAN of an address; absent for that of the default PVID. */
export interface AddressPlace {
  readonly vlan?: number | undefined;
}

/** Own addresses, for which the switch answers ARP, Neighbor Discovery and ping. Errors: see `Switch`. */
export class Addresses {
  /** @internal */
  constructor(private readonly requests: Requests) {}

  /** Addresses, of one VLAN or all, and the progress of their claims. */
  list(query?: AddressPlace): Promise<OwnAddressBody[]> {
    return this.requests.run(addressFilter.value, query, listAddresses);
  }

  /**
   * Starts to claim an address. The events `address-claimed` and `address-conflict` tell the outcome.
   * @param cidr the address with the length of its prefix: `192.0.2.1/24`
   */
  add(cidr: string, place?: AddressPlace): Promise<void> {
    return this.requests.run(ownAddress.value, withKey(place, 'address', cidr), addAddress);
  }

  /** Gives up an address. @param cidr as it was added */
  remove(cidr: string, place?: AddressPlace): Promise<void> {
    return this.requests.run(ownAddress.value, withKey(place, 'address', cidr), removeAddress);
  }

  /** Gives up all addresses. @returns their number */
  flush(): Promise<number> {
    return this.requests.ask(async (tapSwitch) => {
      const { addresses } = tapSwitch.config;
      for (const { vlan, ...address } of addresses) {
        await removeAddress(tapSwitch, { address, vlan });
      }
      return addresses.length;
    });
  }
}
