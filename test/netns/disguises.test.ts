/** ARP, RA and DHCP in a wrapping that hosts remove, and ARP of link-local addresses, between real hosts. */

import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { REPLY, arp } from './support/arp';
import { BROADCAST, frame, marker } from './support/frame';
import { whoHears } from './support/hearers';
import type { Host } from './support/host';
import { Lab } from './support/lab';

const REFUSED = 'inspection denied a frame';

/** EtherTypes, as hex. */
const ARP = '0806';
const IPV4 = '0800';
const IPV6 = '86dd';
/** LLC with SNAP and no organisation (RFC 1042). */
const SNAP = 'aaaa03000000';
/** Priority tag: VLAN 0, priority 3. */
const PRIORITY_TAG = '81006000';
const SERVICE_PRIORITY_TAG = '88a86000';

/** IPv6 header, next header 58, from fe80::1 to all nodes; a router advertisement of 16 bytes. */
const ROUTER_ADVERTISEMENT =
  `6000000000103aff${'fe800000000000000000000000000001'}${'ff020000000000000000000000000001'}` +
  '86000000400007080000000000000000';

/** IPv4 and UDP headers, from port 67 to 68; the rest is zero. */
const DHCP_OFFER = '4500011c0000000040110000c0000203ffffffff0043004401080000';

/** EtherType and payload of a frame without its wrapping. */
interface Control {
  readonly type: string;
  readonly payload: string;
}

const controls = (claimant: Host, claimedIp: string): readonly Control[] => [
  {
    type: ARP,
    payload: arp({ from: claimant.mac, senderIp: claimedIp, targetIp: claimedIp }).slice(28),
  },
  { type: IPV6, payload: ROUTER_ADVERTISEMENT },
  { type: IPV4, payload: DHCP_OFFER },
];

/** Bytes from the EtherType to the payload, by wrapping. @param bytes length of the payload */
const WRAPPINGS: Readonly<Record<string, (type: string, bytes: number) => string>> = {
  SNAP: (type, bytes) => hex16(bytes + 8) + SNAP + type,
  'SNAP with a length of zero': (type) => hex16(0) + SNAP + type,
  'SNAP with a length too high': (type) => hex16(1_500) + SNAP + type,
  'one priority tag': (type) => PRIORITY_TAG + type,
  'two priority tags': (type) => SERVICE_PRIORITY_TAG + PRIORITY_TAG + type,
  'a priority tag and SNAP': (type, bytes) => PRIORITY_TAG + hex16(bytes + 8) + SNAP + type,
};

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}

describeNetns('on a port that is not trusted', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('inspection reads frames in each wrapping', async () => {
    const [claimant, trusted, victim] = await lab.hosts(3, { isQuiet: true });
    const ports = [claimant.port(), trusted.port('trusted'), victim.port()];
    const running = await lab.startSwitch('--inspect', ...ports);
    const framesOf = (host: Host): string[] =>
      Object.values(WRAPPINGS).flatMap((wrap) =>
        controls(claimant, victim.ipv4).map(({ type, payload }) =>
          frame({
            ...{ to: BROADCAST, from: host.mac },
            ...{ type: wrap(type, payload.length / 2), payload, lengthBytes: 120 },
          }),
        ),
      );
    const heard = await victim.capture();
    const ends = [marker(claimant.mac, 1), marker(trusted.mac, 2)] as const;
    await claimant.send(...framesOf(claimant), ends[0]);
    // The same frames pass from a trusted port.
    await trusted.send(...framesOf(trusted), ends[1]);
    expect(await heard.before(ends[1])).toEqual([ends[0], ...framesOf(trusted)]);
    expect(await running.logged(REFUSED, claimant.label, framesOf(claimant).length)).toMatchObject({
      reason: 'inspect-disguised',
      mac: claimant.mac,
      advice: 'send it without the wrapping; if another switch is there, make the port trusted',
    });
  });

  test('the log names the address that a frame claims, and the cure', async () => {
    const hosts = await lab.hosts(2, { isQuiet: true });
    const [claimant, other] = hosts;
    const running = await lab.startSwitch('--inspect', claimant.port(), other.port());
    await claimant.send(arp({ from: claimant.mac, senderIp: '192.0.2.77', targetIp: other.ipv4 }));
    expect(await running.logged(REFUSED, claimant.label)).toMatchObject({
      reason: 'inspect-sender-unbound',
      address: '192.0.2.77',
      mac: claimant.mac,
      advice: 'bind it with --neigh or tapctl neigh add, or make the port trusted',
    });
  });
});

describeNetns('a link-local address of IPv4 (RFC 3927 2.5)', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  const OWNER_IP = '169.254.7.2';
  const ASKER_IP = '169.254.7.1';

  test('is answered for to all but its host', async () => {
    const hosts = await lab.hosts(3, { isQuiet: true });
    const [asker, owner, other] = hosts;
    await lab.connect(hosts);
    const tell = (host: Host, ip: string): Promise<void> =>
      host.send(arp({ from: host.mac, senderIp: ip, targetIp: ip }));
    await tell(owner, OWNER_IP);
    await tell(asker, ASKER_IP);
    const atOther = await other.capture('arp');
    const request = arp({ from: asker.mac, senderIp: ASKER_IP, targetIp: OWNER_IP });
    const reply = arp({
      ...{ to: BROADCAST, from: owner.mac, op: REPLY },
      ...{ senderIp: OWNER_IP, targetIp: ASKER_IP, targetMac: asker.mac },
    });
    expect(await whoHears(asker, hosts, request)).toEqual({ by: [], answers: [reply] });
    expect(atOther.frames).toEqual([reply]);
  });

  test('between real hosts works as any other', async () => {
    const [one, other] = await lab.hosts(2);
    await lab.connect([one, other], '--address', '169.254.7.9/16');
    await one.ip(`address add ${ASKER_IP}/16 dev eth0`);
    await other.ip(`address add ${OWNER_IP}/16 dev eth0`);
    expect(await one.reaches(OWNER_IP)).toBe(true);
    expect(await other.reaches(ASKER_IP)).toBe(true);
    expect(await other.reaches('169.254.7.9')).toBe(true);
  });
});
