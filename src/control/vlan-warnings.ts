/** Warnings about settings of VLANs that have no effect, or shut everybody out. Each is said once, as long as it holds. */

import type { SwitchConfig } from '../config/schema';
import { formatOwnCidr } from '../config/values/own-address';
import type { Logger } from '../journal/logger';
import type { Port } from '../ports/port';
import { givenVlanKeys } from '../ports/vlan-keys';
import { NO_VLAN } from '../wire/vlan';

type VlanConfig = Pick<SwitchConfig, 'vlanFiltering' | 'vlanDefaultPvid' | 'addresses'>;
type VlanPort = Pick<Port, 'label' | 'holds'>;

export class VlanWarnings {
  private said = new Set<string>();

  constructor(private readonly log: Pick<Logger, 'warn'>) {}

  /** Says what is new since the last call. */
  check(config: VlanConfig, ports: readonly VlanPort[]): void {
    const warnings = [strandedAddress(config), idleKeys(config, ports)].filter(
      (warning) => warning !== undefined,
    );
    for (const warning of warnings) if (!this.said.has(warning)) this.log.warn(warning);
    this.said = new Set(warnings);
  }
}

function strandedAddress({
  vlanFiltering,
  vlanDefaultPvid,
  addresses,
}: VlanConfig): string | undefined {
  if (!vlanFiltering || vlanDefaultPvid !== NO_VLAN) return undefined;
  const [own, ...others] = addresses.filter(({ vlan }) => vlan === undefined);
  if (own === undefined) return undefined;
  const text = formatOwnCidr(own);
  const cure = `give it a VLAN, as in ${text},vlan=10, or set vlan-default-pvid`;
  return `address: ${text}${andOthers(others)}: nobody can reach it, because it is in the VLAN of the default PVID, which is none; ${cure}`;
}

function idleKeys({ vlanFiltering }: VlanConfig, ports: readonly VlanPort[]): string | undefined {
  if (vlanFiltering) return undefined;
  const [idle, ...others] = ports.filter((port) => vlanKeysAt(port).length > 0);
  if (idle === undefined) return undefined;
  const keys = vlanKeysAt(idle).join(', ');
  return `${idle.label}: ${keys}: counts only with --vlan-filtering${andOthers(others)}`;
}

function vlanKeysAt(port: VlanPort): string[] {
  return givenVlanKeys((key) => port.holds(key));
}

function andOthers(others: readonly unknown[]): string {
  return others.length === 0 ? '' : ` (and ${others.length} more)`;
}
