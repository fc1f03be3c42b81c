/** The switch's own addresses, from the control plane's side. */

import { type Cidr, formatCidr } from '../config/values/cidr';
import type { DataPlane } from '../dataplane/data-plane';
import type { OwnAddressState } from '../dataplane/messages';
import { MAX_OWN_ADDRESSES } from '../hosts/own-addresses';
import { RequestError } from '../system/request-error';
import { parseIpAddress } from '../wire/ip-text';

export class OwnAddressList {
  /** Addresses of the start whose claim has no outcome yet. */
  private readonly undecided = new Set<string>();
  private allDecided: (() => void) | undefined;

  /** @param held addresses that the switch starts with; `claimAll` claims them */
  constructor(
    private readonly dataPlane: DataPlane,
    private held: readonly Cidr[],
  ) {}

  get all(): readonly Cidr[] {
    return this.held;
  }

  /** The addresses, and how far the claim of each is. */
  states(): Promise<OwnAddressState[]> {
    return this.dataPlane.order({ kind: 'list-addresses' });
  }

  /** Resolves when every address is claimed, or known to be somebody else's. */
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

  /** Notes that the claim of an address has an outcome. */
  decided(address: string): void {
    this.undecided.delete(address);
    if (this.undecided.size === 0) this.allDecided?.();
  }

  /**
   * Starts to claim the address.
   * @param leavingCount how many others will be removed in the same change
   * @throws RequestError where the switch has it already, or has too many.
   */
  async add(cidr: Cidr, leavingCount: number): Promise<void> {
    if (this.held.length - leavingCount >= MAX_OWN_ADDRESSES) {
      throw new RequestError(
        'conflict',
        `${MAX_OWN_ADDRESSES} addresses of the switch at most; remove another first`,
      );
    }
    if (!(await this.dataPlane.order({ kind: 'add-address', ...wireOf(cidr) }))) {
      throw new RequestError('conflict', `${cidr.address} is an address of the switch already`);
    }
    this.held = [...this.held, cidr];
  }

  /** @throws RequestError where it is none of the switch's, or is with another prefix length. */
  async remove(cidr: Cidr): Promise<void> {
    const own = this.held.find(({ address }) => address === cidr.address);
    if (own?.prefixLength !== cidr.prefixLength) {
      const instead = own === undefined ? '' : `; ${formatCidr(own)} is`;
      throw new RequestError(
        'not-found',
        `${formatCidr(cidr)} is no address of the switch${instead}`,
      );
    }
    await this.dataPlane.order({ kind: 'remove-address', bytes: wireOf(cidr).bytes });
    this.held = this.held.filter((other) => other !== own);
  }
}

/** What is left of an address where no text is read. */
function wireOf({ address, prefixLength }: Cidr): { bytes: Uint8Array; prefixBits: number } {
  return { bytes: parseIpAddress(address) as Uint8Array, prefixBits: prefixLength };
}
