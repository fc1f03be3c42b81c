/** Inspection on a running switch: hosts that send false claims on untrusted ports. */

import { afterEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNetns } from './describe-netns';
import { arp } from './support/arp';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE, python } from './support/host';
import { whoHears } from './support/hearers';
import { Lab } from './support/lab';
import { until } from './support/until';

interface Protocol {
  readonly name: string;
  /** Program that sends false claims, and the number of its frames. */
  readonly program: string;
  readonly falseClaims: number;
  readonly filter: string;
  readonly ipOf: (host: Host) => string;
  /** Reasons for which inspection denies the claims, each three times. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Default route of a victim that accepts the false claims. */
  readonly route: RegExp;
}

const PROTOCOLS: readonly Protocol[] = [
  {
    name: 'ARP',
    program: 'spoof.py',
    falseClaims: 9,
    filter: 'arp',
    ipOf: ({ ipv4 }) => ipv4,
    reasons: { 'inspect-sender-unbound': 9 },
    route: /^$/,
  },
  {
    name: 'ND',
    program: 'spoof_nd.py',
    falseClaims: 15,
    filter: 'icmp6',
    ipOf: ({ ipv6 }) => ipv6,
    reasons: { 'inspect-sender-unbound': 9, 'inspect-router-untrusted': 6 },
    route: /^default via fe80::/,
  },
];

const REFUSED = 'inspection denied a frame';

/** MAC to which a host sends packets for an address. */
async function cached(host: Host, ip: string): Promise<string | undefined> {
  const text = await host.ip(`-j neigh show ${ip} dev ${INTERFACE}`);
  const [entry] = JSON.parse(text) as { readonly lladdr?: string }[];
  return entry?.lladdr;
}

/** Default route of a host. */
function defaultRoutes(host: Host): Promise<string> {
  return host.ip('-6 route show default');
}

describeNetns.each(PROTOCOLS)('inspection of $name', (protocol) => {
  const { program, falseClaims, filter, ipOf, reasons, route } = protocol;
  const lab = new Lab();
  afterEach(() => lab.clear());

  /** A victim and its gateway are on trusted ports. A third host claims the gateway's address. */
  async function claimGateway(...options: string[]) {
    const [victim, gateway, claimant, bystander] = await lab.hosts(4);
    const hosts = [victim, gateway, claimant, bystander];
    const ports = hosts.map((host) => host.port(...(host === claimant ? [] : ['trusted'])));
    const running = await lab.startSwitch(...options, ...ports);
    await Promise.all(hosts.map((host) => host.address()));
    expect(await victim.reaches(ipOf(gateway))).toBe(true);
    const claims = `${filter} and ether src ${claimant.mac}`;
    const heard = await Promise.all(
      [victim, gateway, bystander].map((host) => host.capture(claims)),
    );
    await claimant.mustRun(python(program, INTERFACE, victim.mac, ipOf(victim), ipOf(gateway)));
    return { running, victim, gateway, claimant, heard };
  }

  test('without it a victim accepts false claims', async () => {
    const { victim, gateway, claimant, heard } = await claimGateway();
    await until(() => (heard[0]?.frames.length ?? 0) >= falseClaims, 'the false claims arrive');
    expect(await cached(victim, ipOf(gateway))).toBe(claimant.mac);
    expect(await defaultRoutes(victim)).toMatch(route);
  });

  test('with it the caches of victims stay correct', async () => {
    const { running, victim, gateway, claimant, heard } = await claimGateway('--inspect');
    await running.logged(REFUSED, claimant.label, falseClaims);
    const refused = running.log.filter(({ message }) => message === REFUSED);
    for (const [reason, count] of Object.entries(reasons)) {
      expect(refused.filter((line) => line['reason'] === reason)).toHaveLength(count);
    }
    expect(heard.map(({ frames }) => frames)).toEqual([[], [], []]);
    expect(await cached(victim, ipOf(gateway))).toBe(gateway.mac);
    expect(await defaultRoutes(victim)).toBe('');
  });

  test('a host with a static binding can talk, and no other host with its address can', async () => {
    const [server, bound, claimant] = await lab.hosts(3);
    const hosts = [server, bound, claimant];
    const binding = `${ipOf(bound)} lladdr ${bound.mac} dev ${bound.label}`;
    await lab.startSwitch(
      ...['--inspect', '--neigh', binding],
      ...[server.port('trusted'), bound.port(), claimant.port()],
    );
    await Promise.all(hosts.map((host) => host.address()));
    const atServer = await server.capture(`${filter} and ether src ${claimant.mac}`);
    expect(await claimant.reaches(ipOf(server))).toBe(false);
    await claimant.mustRun(python(program, INTERFACE, server.mac, ipOf(server), ipOf(bound)));
    expect(await bound.reaches(ipOf(server))).toBe(true);
    expect(await server.reaches(ipOf(bound))).toBe(true);
    expect(await cached(server, ipOf(bound))).toBe(bound.mac);
    expect(atServer.frames).toEqual([]);
  });
});

describeNetns('inspection', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('a trace says whether a claim passes, and why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapswitch-inspection-'));
    try {
      const [host, other] = await lab.hosts(2, { isQuiet: true });
      const api = new ControlClient(join(folder, 'control.sock'));
      await lab.startSwitch('--inspect', '--control', api.path, host.port(), other.port());
      const frame = arp({ from: host.mac, senderIp: host.ipv4, targetIp: host.ipv4 });
      const traced = async () => (await api.post('/v1/trace', { port: host.label, frame })).body;
      expect(await traced()).toMatchObject({
        egress: [],
        drops: [{ port: host.label, reason: 'inspect-sender-unbound' }],
      });
      await api.post('/v1/neighbours', { address: host.ipv4, mac: host.mac, port: host.label });
      expect(await traced()).toMatchObject({ egress: [other.label], drops: [] });
      await api.post('/v1/neighbours', { address: host.ipv4, mac: host.mac, port: other.label });
      expect(await traced()).toMatchObject({ egress: [] });
      await api.patch(`/v1/ports/${encodeURIComponent(host.label)}`, { trusted: true });
      expect(await traced()).toMatchObject({ egress: [other.label], drops: [] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a host may claim an address from a DHCP server on a trusted port, and no other', async () => {
    const [server, client, other] = await lab.hosts(3, { isQuiet: true });
    const hosts = [server, client, other];
    const ports = [server.port('trusted'), client.port(), other.port()];
    const running = await lab.startSwitch('--inspect', ...ports);
    const claim = (ip: string): string => arp({ from: client.mac, senderIp: ip, targetIp: ip });
    const grant = (by: Host, to: Host): Promise<string> =>
      by.mustRun(python('dhcp_grant.py', 'grant', INTERFACE, to.mac, by.mac, by.ipv4, client.ipv4));

    expect((await whoHears(client, hosts, claim(client.ipv4))).by).toEqual([]);

    // A server on an untrusted port makes no binding.
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
