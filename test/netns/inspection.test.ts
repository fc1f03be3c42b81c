/** Inspection on a running switch: hosts that lie on ports that are not trusted. */

import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { arp } from './support/arp';
import { type Host, INTERFACE, python } from './support/host';
import { whoHears } from './support/hearers';
import { Lab } from './support/lab';
import { until } from './support/until';

/** What spoof.py sends. */
const LIES = 9;

const REFUSED = 'inspection refused a frame';

/** The MAC to which a host sends what is for an address. */
async function cached(host: Host, ip: string): Promise<string | undefined> {
  const text = await host.ip(`-j neigh show ${ip} dev ${INTERFACE}`);
  const [entry] = JSON.parse(text) as { readonly lladdr?: string }[];
  return entry?.lladdr;
}

function spoof(liar: Host, victim: Host, claimedIp: string): Promise<string> {
  return liar.mustRun(python('spoof.py', INTERFACE, victim.mac, victim.ipv4, claimedIp));
}

describeNetns('inspection', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  /** A victim knows its gateway, both on trusted ports, and a third host lies about it. */
  async function lieToVictim(...options: string[]) {
    const [victim, gateway, liar] = await lab.hosts(3);
    const trusted = [victim, gateway].map((host) => host.port('trusted'));
    const running = await lab.startSwitch(...options, ...trusted, liar.port());
    await Promise.all([victim, gateway, liar].map((host) => host.address()));
    expect(await victim.reaches(gateway.ipv4)).toBe(true);
    const heard = await victim.capture(`arp and ether src ${liar.mac}`);
    await spoof(liar, victim, gateway.ipv4);
    return { running, victim, gateway, liar, heard };
  }

  test('without it a liar is believed', async () => {
    const { victim, gateway, liar, heard } = await lieToVictim();
    await until(() => heard.frames.length >= LIES, 'the lies arrive');
    expect(await cached(victim, gateway.ipv4)).toBe(liar.mac);
  });

  test('with it the caches of victims stay right', async () => {
    const { running, victim, gateway, liar, heard } = await lieToVictim('--inspect');
    const refused = await running.logged(REFUSED, liar.label, LIES);
    expect(refused).toMatchObject({ reason: 'inspect-sender-unbound', mac: liar.mac });
    expect(heard.frames).toEqual([]);
    expect(await cached(victim, gateway.ipv4)).toBe(gateway.mac);
  });

  test('a host may say what a DHCP server on a trusted port gave it, and nothing else', async () => {
    const [server, client, other] = await lab.hosts(3, { isQuiet: true });
    const hosts = [server, client, other];
    const ports = [server.port('trusted'), client.port(), other.port()];
    const running = await lab.startSwitch('--inspect', ...ports);
    const claim = (ip: string): string => arp({ from: client.mac, senderIp: ip, targetIp: ip });
    const grant = (by: Host, to: Host): Promise<string> =>
      by.mustRun(python('dhcp_grant.py', 'grant', INTERFACE, to.mac, by.mac, by.ipv4, client.ipv4));

    expect((await whoHears(client, hosts, claim(client.ipv4))).by).toEqual([]);

    // A server on a port that is not trusted gives nothing.
    await client.mustRun(python('dhcp_grant.py', 'request', INTERFACE, client.mac));
    await grant(other, client);
    expect(await running.logged(REFUSED, other.label)).toMatchObject({
      reason: 'inspect-dhcp-server-untrusted',
    });
    expect((await whoHears(client, hosts, claim(client.ipv4))).by).toEqual([]);

    await grant(server, client);
    expect((await whoHears(client, hosts, claim(client.ipv4))).by).toEqual([server, other]);
    expect((await whoHears(client, hosts, claim('192.0.2.99'))).by).toEqual([]);
    const stolen = arp({ from: other.mac, senderIp: client.ipv4, targetIp: client.ipv4 });
    expect((await whoHears(other, hosts, stolen)).by).toEqual([]);
  });
});
