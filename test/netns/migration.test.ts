/**
 * Live migration: the addresses of a host appear behind another port, with its MAC or another one.
 * The former machine is silent, and its port stays up. Traffic recovers with the first frame from the
 * new port, and no host gets a wrong answer after it.
 */

import { afterEach, expect, test } from '@jest/globals';
import { advertisement } from '../support/ip-frames';
import { describeNetns } from './describe-netns';
import { arp } from './support/arp';
import { macOf } from './support/frame';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { until } from './support/until';

const PINGS = 20;

/** Announces to all hosts that an address is behind this host from now on. */
function announce(host: Host, mac: string, ip: string): Promise<void> {
  return host.send(
    ip.includes(':')
      ? advertisement({ mac, target: ip, flags: '20' })
      : arp({ from: mac, senderIp: ip, targetIp: ip }),
  );
}

describeNetns.each([
  ['answer', 'its MAC'],
  ['answer', 'another MAC'],
  ['direct', 'its MAC'],
  ['direct', 'another MAC'],
])('--arp %s: a host that migrates with %s', (mode, which) => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test.each(['IPv4', 'IPv6'])('is reached again with its first frame: %s', async (family) => {
    const [peer, former, place, newcomer] = await lab.hosts(4);
    const ip = family === 'IPv4' ? former.ipv4 : former.ipv6;
    const prefixBits = family === 'IPv4' ? 24 : 64;
    const mac = which === 'its MAC' ? former.mac : place.mac;
    await lab.startSwitch(
      ...['--arp', mode, peer.port(), former.port(), `${place.label},mac=${mac}`, newcomer.port()],
    );
    await Promise.all([peer, former, newcomer].map((host) => host.address()));
    expect(await peer.reaches(ip)).toBe(true);

    // The former machine stops: its kernel sends nothing more with that MAC.
    await former.ip(`link set ${INTERFACE} address ${macOf(99)}`);
    await former.ip(`address flush dev ${INTERFACE}`);
    await place.mustRun(['sysctl', '-q', '-w', `net.ipv6.conf.${INTERFACE}.accept_dad=1`]);
    await place.ip(`address add ${ip}/${prefixBits} dev ${INTERFACE}`);
    await until(
      async () => !(await place.ip(`address show dev ${INTERFACE} to ${ip}`)).includes('tentative'),
      'the address is used',
    );
    expect(await place.ip(`address show dev ${INTERFACE}`)).not.toContain('dadfailed');
    await announce(place, mac, ip);

    const atFormer = await former.capture(`ether src ${peer.mac} and not ether multicast`);
    const { sent, received } = await peer.ping(ip, '-c', `${PINGS}`, '-i', '0.01', '-W', '1');
    expect({ sent, received }).toEqual({ sent: PINGS, received: PINGS });
    expect(atFormer.frames).toEqual([]);
    // A host that sends its first request gets the right answer.
    expect(await newcomer.reaches(ip)).toBe(true);
    const cached = await newcomer.ip(`neigh show ${ip} dev ${INTERFACE}`);
    expect(cached).toContain(`lladdr ${mac}`);
  });
});
