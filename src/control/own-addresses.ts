/** The switch's own addresses, as the control plane holds them. */

import { type OwnCidr, formatOwnCidr, ownIdentity } from '../config/values/own-address';
import type { DataPlane } from '../dataplane/data-plane';
import type { OwnAddressState } from '../dataplane/messages';
import { MAX_OWN_ADDRESSES } from '../hosts/own-addresses';
import { RequestError } from '../system/request-error';
import { parseIpAddress } from '../wire/ip-text';
import { NO_VLAN } from '../wire/vlan';

export class OwnAddressList {
  /** Addresses of the configuration whose claim is undecided after the start. */
  private readonly undecided = new Set<string>();
  private allDecided: (() => void) | undefined;

  /** @param held addresses of the configuration; `claimAll` claims them */
  constructor(
    private readonly dataPlane: DataPlane,
    private held: readonly OwnCidr[],
  ) {}

  get all(): readonly OwnCidr[] {
    return this.held;
  }

  /** Addresses with the state of their claims. */
  states(): Promise<OwnAddressState[]> {
    return this.dataPlane.order({ kind: 'list-addresses' });
  }

  /** Claims all addresses. It resolves when each is claimed, or found to be in use by another host. */
  async claimAll(): Promise<void> {
    const decided = new Promise<void>((resolve) => {
      this.allDecided = resolve;
    });
    for (const { address } of this.held) this.undecided.add(address);
    for (const cidr of this.held) {
      await this.dataPlane.order({ kind: 'add-address', ...wireOf(cidr) });
    }
    if (this.undecided.size > 0) await decided;
  }

  /** Notes that the claim of an address is decided. */
  decided(address: string): void {
    this.undecided.delete(address);
    if (this.undecided.size === 0) this.allDecided?.();
  }

  /**
   * Starts to claim the address.
   * @param leavingCount number of other addresses that the same change will remove
   * @throws RequestError if the switch has the address already, or has too many.
   */
  async add(cidr: OwnCidr, leavingCount: number): Promise<void> {
    if (this.held.length - leavingCount >= MAX_OWN_ADDRESSES) {
      throw new RequestError(
        'conflict',
        `${MAX_OWN_ADDRESSES} addresses of the switch at most; remove another first`,
      );
    }
    if (!(await this.dataPlane.order({ kind: 'add-address', ...wireOf(cidr) }))) {
      throw new RequestError(
        'conflict',
        `${ownIdentity(cidr)} is an address of the switch already`,
      );
    }
    this.held = [...this.held, cidr];
  }

  /** @throws RequestError if the switch does not have the address, or has it with another prefix length. */
  async remove(cidr: OwnCidr): Promise<void> {
    const own = this.held.find((other) => ownIdentity(other) === ownIdentity(cidr));
    if (own?.prefixLength !== cidr.prefixLength) {
      const instead = own === undefined ? '' : `; ${formatOwnCidr(own)} is`;
      throw new RequestError(
        'not-found',
        `${formatOwnCidr(cidr)} is no address of the switch${instead}`,
      );
    }
    const { bytes, vlan } = wireOf(cidr);
    await this.dataPlane.order({ kind: 'remove-address', bytes, vlan });
    this.held = this.held.filter((other) => other !== own);
  }
}

/** Address as commands to the data plane have it. */
function wireOf({ address, prefixLength, vlan = NO_VLAN }: OwnCidr): {
  bytes: Uint8Array;
  prefixBits: number;
  vlan: number;
} {
  return { bytes: parseIpAddress(address) as Uint8Array, prefixBits: prefixLength, vlan };
}
