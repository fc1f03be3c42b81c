/**
 * A host changes its MAC, or comes back behind another port, and sends a request. The requested host
 * must hear of the change, because it may hold the former MAC. A kernel bridge with the same steps is
 * the reference.
 */

import { afterEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNetns } from './describe-netns';
import { macOf } from './support/frame';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE } from './support/host';
import { connectByKernelBridge } from './support/kernel-bridge';
import { Lab } from './support/lab';
import { until } from './support/until';

const NEW_MAC = macOf(0x77);
const BRIDGE_MAC = macOf(0xfe);
const BRIDGES = ['--arp answer', '--arp direct', 'the kernel bridge'] as const;
const FAMILIES = ['IPv4', 'IPv6'] as const;

const ipOf = (host: Host, family: string): string => (family === 'IPv4' ? host.ipv4 : host.ipv6);

/** No duplicate address detection: it would take time, and announce the address to others. */
async function giveAddresses(host: Host, of: Host): Promise<void> {
  await host.ip(`address replace ${of.ipv4}/24 dev ${INTERFACE}`);
  await host.ip(`address replace ${of.ipv6}/64 dev ${INTERFACE} nodad`);
}

describeNetns.each(BRIDGES)('on %s', (bridge) => {
  const lab = new Lab();
  let folder: string | undefined;
  afterEach(async () => {
    await lab.clear();
    if (folder !== undefined) rmSync(folder, { recursive: true });
    folder = undefined;
  });

  /** @returns a function that waits until the bridge trusts a station's use of an address */
  async function connect(hosts: readonly Host[]) {
    if (bridge === 'the kernel bridge') {
      const namespace = await lab.host({ isQuiet: true });
      await connectByKernelBridge(namespace, hosts, BRIDGE_MAC);
      await Promise.all(hosts.map((host) => host.address()));
      return () => Promise.resolve();
    }
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-asker-'));
    const socket = join(folder, 'control.sock');
    await lab.connect(hosts, '--control', socket, ...bridge.split(' '));
    const control = new ControlClient(socket);
    return (ip: string, mac: string): Promise<unknown> =>
      until(async () => {
        const { body } = await control.get('/v1/neighbours');
        const known = body as Record<string, unknown>[];
        return known.some(
          ({ dst, lladdr, state }) => dst === ip && lladdr === mac && String(state) === 'REACHABLE',
        );
      }, 'the new binding is relied on');
  }

  /** The first two hosts hold an entry for the third, and the third for them. */
  async function meet(family: string, hosts: readonly Host[]): Promise<void> {
    const [owner, other, asker] = hosts as [Host, Host, Host];
    for (const host of [owner, other]) {
      expect(await host.reaches(ipOf(asker, family))).toBe(true);
      expect(await asker.reaches(ipOf(host, family))).toBe(true);
    }
    expect(await owner.reaches(ipOf(other, family))).toBe(true);
  }

  test.each(FAMILIES)('%s: the first ping of a host with a new MAC is answered', async (family) => {
    const hosts = await lab.hosts(3);
    const [owner, other, asker] = hosts;
    const settled = await connect(hosts);
    await meet(family, hosts);
    await asker.ip(`link set ${INTERFACE} address ${NEW_MAC}`);
    expect(await asker.reaches(ipOf(owner, family))).toBe(true);
    // The other host has not heard of the new MAC, or has ignored it.
    await settled(ipOf(asker, family), NEW_MAC);
    expect(await asker.reaches(ipOf(other, family))).toBe(true);
  });

  test.each(FAMILIES)(
    '%s: the first ping of a host at another port is answered',
    async (family) => {
      const hosts = await lab.hosts(4);
      const [owner, other, asker, place] = hosts;
      const settled = await connect(hosts);
      await meet(family, hosts);
      await place.ip(`address flush dev ${INTERFACE}`);
      await asker.remove();
      await giveAddresses(place, asker);
      expect(await place.reaches(ipOf(owner, family))).toBe(true);
      await settled(ipOf(asker, family), place.mac);
      expect(await place.reaches(ipOf(other, family))).toBe(true);
    },
  );
});
