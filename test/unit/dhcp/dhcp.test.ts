/** Leases that the switch learns from DHCP, and messages that a host may not send. */

import { beforeEach, describe, expect, test } from '@jest/globals';
import { Dhcp } from '../../../src/dhcp/dhcp';
import { CONSUMED, PASS } from '../../../src/frame/verdict';
import type { Inspection } from '../../../src/hosts/inspection';
import { RefusalReason } from '../../../src/hosts/refusal-reason';
import { BROADCAST, printed, station } from '../../support/ethernet';
import { dhcpMessage, ipHex, udpFrame, udpV6Frame, word } from '../../support/ip-frames';
import { CountingSink, RoomHarness } from '../../support/room-harness';
import { inspect } from '../../support/rooms';
import { TestTopology } from '../../support/topology';

const SERVER = station(0x50);
const CLIENT = station(1);
const OTHER = station(2);
const SERVER_IP = '192.0.2.50';
const CLIENT_IP = '192.0.2.1';

const TRUSTED_PORT = 0;
const CLIENT_PORT = 1;
const OTHER_PORT = 2;

const LEASE_60_S = '33040000003c';
const ACK = `350105 ${LEASE_60_S}`;

let harness: RoomHarness;
let topology: TestTopology;
let refusals: CountingSink;
let inspection: Inspection;
let room: Dhcp;

beforeEach(() => {
  harness = new RoomHarness();
  topology = new TestTopology();
  topology.place(CLIENT, CLIENT_PORT);
  refusals = new CountingSink();
  inspection = inspect(refusals, [TRUSTED_PORT]);
  room = new Dhcp({ inspection, topology });
});

function receive(frame: string, port: number, nowMs = 0): number {
  return room.receive(harness.receive(frame, port), harness.at(nowMs));
}

const FROM_SERVER = {
  to: BROADCAST,
  from: SERVER,
  source: SERVER_IP,
  destination: '255.255.255.255',
  sourcePort: 67,
  destinationPort: 68,
};
const FROM_CLIENT = {
  to: BROADCAST,
  from: CLIENT,
  source: '0.0.0.0',
  destination: '255.255.255.255',
  sourcePort: 68,
  destinationPort: 67,
};

function reply(options: string, yourIp = CLIENT_IP, clientMac = CLIENT): string {
  return dhcpMessage({ operation: 2, clientMac, yourIp, options });
}

function serverSays(payload: string, fields: Partial<Parameters<typeof udpFrame>[0]> = {}): string {
  return udpFrame({ ...FROM_SERVER, payload, ...fields });
}

function clientSays(options: string, clientIp = '0.0.0.0'): string {
  const payload = dhcpMessage({ operation: 1, clientMac: CLIENT, clientIp, options });
  return udpFrame({ ...FROM_CLIENT, payload });
}

/** Puts options into a field of a message, which has no UDP checksum then. */
function overloaded(frame: string, field: number, options: string): string {
  const at = 2 * (14 + 20 + 8 + field);
  const filled = frame.slice(0, at) + `${options}ff` + frame.slice(at + options.length + 2);
  return `${filled.slice(0, 80)}0000${filled.slice(84)}`;
}

function leases(nowMs = 0): string[] {
  const list = inspection.leases?.list(nowMs) ?? [];
  return list.map(
    ({ address, mac, port, expiresInMs }) => `${address} ${mac} ${port} ${expiresInMs}`,
  );
}

const LEASE = `${CLIENT_IP} ${printed(CLIENT)} ${CLIENT_PORT} 60000`;

describe('an acknowledgement from a trusted port', () => {
  test('binds the address to the client and its port, and passes', () => {
    expect(receive(serverSays(reply(ACK)), TRUSTED_PORT)).toBe(PASS);
    expect(leases()).toEqual([LEASE]);
  });

  test.each([
    ['with other options around', serverSays(reply(`0104ffffff00 00 ${ACK} 0304c0000232`))],
    ['sent to the client alone', serverSays(reply(ACK), { to: CLIENT, destination: CLIENT_IP })],
    [
      'with its type in the file field',
      overloaded(serverSays(reply(`340101 ${LEASE_60_S}`)), 108, '350105'),
    ],
    [
      'with its time in the name field',
      overloaded(serverSays(reply('350105 340102')), 44, LEASE_60_S),
    ],
    ['without a UDP checksum', serverSays(reply(ACK), { checksum: '0000' })],
    ['with IPv4 options', serverSays(reply(ACK), { options: '94040000' })],
    ['with bytes behind it', `${serverSays(reply(ACK))}0000`],
  ])('%s binds as well', (_, frame) => {
    receive(frame, TRUSTED_PORT);
    expect(leases()).toEqual([LEASE]);
  });

  test('a lease may have no end', () => {
    receive(serverSays(reply('350105 3304ffffffff')), TRUSTED_PORT);
    expect(inspection.leases?.list(1e12)).toHaveLength(1);
  });

  test.each([
    ['an offer', serverSays(reply(`350102 ${LEASE_60_S}`))],
    ['a refusal', serverSays(reply('350106'))],
    ['an answer to INFORM', serverSays(reply('350105'))],
    ['a lease of no time', serverSays(reply('350105 330400000000'))],
    ['a lease time of two bytes', serverSays(reply('350105 3302003c'))],
    ['no type', serverSays(reply(LEASE_60_S))],
    ['a type of two bytes', serverSays(reply(`35020500 ${LEASE_60_S}`))],
    ['a type behind the end', serverSays(reply(`ff ${ACK}`))],
    ['an option beyond the end', serverSays(reply(`0cff00 ${ACK}`))],
    ['the address 0.0.0.0', serverSays(reply(ACK, '0.0.0.0'))],
    ['a multicast address', serverSays(reply(ACK, '224.0.0.1'))],
    ['an unknown client', serverSays(reply(ACK, CLIENT_IP, OTHER))],
    [
      'a request with the type of an answer',
      serverSays(dhcpMessage({ operation: 1, clientMac: CLIENT, yourIp: CLIENT_IP, options: ACK })),
    ],
    ['no cookie', serverSays(reply(ACK).replace('63825363', '63825364'))],
    ['another kind of hardware', serverSays(reply(ACK).replace('020106', '020606'))],
    ['a long hardware address', serverSays(reply(ACK).replace('020106', '020110'))],
    ['cut within the options', serverSays(reply('').slice(0, -2))],
    ['a wrong UDP checksum', serverSays(reply(ACK), { checksum: '0001' })],
    ['a fragment', serverSays(reply(ACK), { fragment: '2000' })],
    ['to the server', serverSays(reply(ACK), { destinationPort: 67 })],
    ['the frame cut short', serverSays(reply(ACK)).slice(0, -2)],
  ])('%s binds nothing, and passes', (_, frame) => {
    expect(receive(frame, TRUSTED_PORT)).toBe(PASS);
    expect(leases()).toEqual([]);
  });
});

describe('a returned lease', () => {
  beforeEach(() => {
    receive(serverSays(reply(ACK)), TRUSTED_PORT);
  });

  test.each([
    ['released', clientSays('350107', CLIENT_IP)],
    ['declined', clientSays(`350104 3204${ipHex(CLIENT_IP)}`)],
  ])('%s by its holder ends', (_, frame) => {
    expect(receive(frame, CLIENT_PORT)).toBe(PASS);
    expect(leases()).toEqual([]);
  });

  test.each([
    ['released from another port', clientSays('350107', CLIENT_IP), OTHER_PORT],
    ['declined without an address', clientSays('350104'), CLIENT_PORT],
    ['asked for again', clientSays('350103'), CLIENT_PORT],
  ])('%s stays', (_, frame, port) => {
    expect(receive(frame, port)).toBe(PASS);
    expect(leases()).toEqual([LEASE]);
  });
});

describe('on an untrusted port', () => {
  test.each([
    ['a discovery', clientSays('350101')],
    ['a request', clientSays('350103')],
    ['an inquiry', clientSays('350108')],
    ['BOOTP', clientSays('')],
    [
      'BOOTP with another vendor area',
      udpFrame({
        ...FROM_CLIENT,
        payload: dhcpMessage({ operation: 1, clientMac: CLIENT, options: '' }).replace(
          '63825363',
          '00000000',
        ),
      }),
    ],
    [
      'a discovery whose type is in the file field',
      overloaded(clientSays('340101'), 108, '350101'),
    ],
    ['one whose type is in the name field', overloaded(clientSays('340102'), 44, '350101')],
    ['DNS', udpFrame({ ...FROM_CLIENT, sourcePort: 1024, destinationPort: 53, payload: '00' })],
    ['a later fragment', udpFrame({ ...FROM_SERVER, payload: reply(ACK), fragment: '0010' })],
    ['TCP', serverSays(reply(ACK)).replace('004011', '004006')],
    ['too few bytes for UDP', serverSays(reply(ACK)).slice(0, 2 * (14 + 20 + 7))],
  ])('%s passes', (_, frame) => {
    expect(receive(frame, CLIENT_PORT)).toBe(PASS);
    expect(refusals.counts.size).toBe(0);
  });

  test.each<[string, string, RefusalReason]>([
    ['an acknowledgement', serverSays(reply(ACK)), RefusalReason.DhcpServerUntrusted],
    ['an offer', serverSays(reply('350102')), RefusalReason.DhcpServerUntrusted],
    [
      'one from another port of the server',
      serverSays(reply(ACK), { sourcePort: 1067 }),
      RefusalReason.DhcpServerUntrusted,
    ],
    [
      'one to a relay',
      serverSays(reply(ACK), { destinationPort: 67 }),
      RefusalReason.DhcpServerUntrusted,
    ],
    [
      'an offer from the port of a client, to a relay',
      udpFrame({ ...FROM_CLIENT, payload: reply('350102') }),
      RefusalReason.DhcpServerUntrusted,
    ],
    [
      'an acknowledgement from any port, to a relay',
      udpFrame({ ...FROM_CLIENT, sourcePort: 1000, payload: reply(ACK) }),
      RefusalReason.DhcpServerUntrusted,
    ],
    [
      'a BOOTP reply to a relay',
      udpFrame({ ...FROM_CLIENT, payload: reply('') }),
      RefusalReason.DhcpServerUntrusted,
    ],
    [
      'one behind IPv4 options',
      serverSays(reply(ACK), { options: '94040000' }),
      RefusalReason.DhcpServerUntrusted,
    ],
    [
      'a first fragment',
      serverSays(reply(ACK), { fragment: '2000' }),
      RefusalReason.DhcpServerUntrusted,
    ],
    ["a client's message of a server", clientSays('350105'), RefusalReason.Malformed],
    [
      'the same in a field that holds options',
      overloaded(clientSays('340103'), 44, '350105'),
      RefusalReason.Malformed,
    ],
    [
      'a field that is no option',
      overloaded(clientSays('340101'), 44, '350101'),
      RefusalReason.Malformed,
    ],
    ["a client's message cut short", clientSays('350101').slice(0, -2), RefusalReason.Malformed],
  ])('%s is denied', (_, frame, reason) => {
    expect(receive(frame, CLIENT_PORT)).toBe(CONSUMED);
    expect([...refusals.counts]).toEqual([[reason, 1]]);
    expect(leases()).toEqual([]);
  });

  test('frames beyond the rate of a port are denied', () => {
    const verdicts = Array.from({ length: 300 }, () => receive(clientSays('350101'), CLIENT_PORT));
    expect(verdicts.filter((verdict) => verdict === PASS)).toHaveLength(200);
    expect(refusals.of(RefusalReason.RateExceeded)).toBe(100);
  });
});

describe('DHCPv6', () => {
  const FROM_SERVER_V6 = {
    to: CLIENT,
    from: SERVER,
    source: 'fe80::50',
    destination: 'fe80::ff:fe00:1',
    sourcePort: 547,
    destinationPort: 546,
  };
  const ONE = '2001:db8::1';
  const TWO = '2001:db8::2';

  /** An IA address option, valid for 60 s unless told otherwise. */
  const address = (ip: string, valid = '0000003c'): string =>
    `00050018${ipHex(ip)}0000003c${valid}`;
  /** An IA_NA with its contents. */
  const association = (contents: string): string =>
    `0003${word(12 + contents.length / 2)}00000001 00000000 00000000${contents}`;

  function serverRepliesV6(options: string, fields: Partial<typeof FROM_SERVER_V6> = {}): string {
    return udpV6Frame({ ...FROM_SERVER_V6, ...fields, payload: `07123456${options}` });
  }

  const bound = (ip: string): string => `${ip} ${printed(CLIENT)} ${CLIENT_PORT} 60000`;

  test.each([
    ['one address', association(address(ONE)), [ONE]],
    ['two in one association', association(address(ONE) + address(TWO)), [ONE, TWO]],
    ['two associations', association(address(ONE)) + association(address(TWO)), [ONE, TWO]],
    ['a temporary address', `0004002000000002${address(ONE)}`, [ONE]],
    [
      'a lasting and a temporary address',
      `${association(address(ONE))}0004002000000002${address(TWO)}`,
      [ONE, TWO],
    ],
    ['an odd option in front', `0001000300ff00${association(address(ONE))}`, [ONE]],
    ['one that is no longer valid', association(address(ONE, '00000000') + address(TWO)), [TWO]],
    ['a multicast address', association(address('ff02::1')), []],
    ['an association cut short', association(address(ONE)).slice(0, -2), []],
    ['no association', '', []],
  ])('a reply with %s', (_, options, expected) => {
    expect(receive(serverRepliesV6(options), TRUSTED_PORT)).toBe(PASS);
    expect(leases()).toEqual(expected.map(bound));
  });

  test.each([
    [
      'an advertisement',
      udpV6Frame({ ...FROM_SERVER_V6, payload: `02123456${association(address(ONE))}` }),
    ],
    ['a reply to a group', serverRepliesV6(association(address(ONE)), { to: '333300010002' })],
    [
      'a wrong checksum',
      udpV6Frame({
        ...FROM_SERVER_V6,
        checksum: '0001',
        payload: `07123456${association(address(ONE))}`,
      }),
    ],
    ['to another port', serverRepliesV6(association(address(ONE)), { destinationPort: 547 })],
  ])('%s binds nothing', (_, frame) => {
    expect(receive(frame, TRUSTED_PORT)).toBe(PASS);
    expect(leases()).toEqual([]);
  });

  test.each([
    ['an advertisement', '02123456'],
    ['a reply', '07123456'],
    ['a reconfiguration', '0a123456'],
    ['an answer to a relay', '0d00'.padEnd(68, '0')],
  ])('%s to the port of servers is denied on an untrusted port', (_, payload) => {
    const fields = { ...FROM_SERVER_V6, sourcePort: 546, destinationPort: 547 };
    expect(receive(udpV6Frame({ ...fields, payload }), OTHER_PORT)).toBe(CONSUMED);
    expect([...refusals.counts]).toEqual([[RefusalReason.DhcpServerUntrusted, 1]]);
  });

  test('messages of a server on an untrusted port are denied, those of a client pass', () => {
    expect(receive(serverRepliesV6(association(address(ONE))), OTHER_PORT)).toBe(CONSUMED);
    expect(refusals.of(RefusalReason.DhcpServerUntrusted)).toBe(1);
    const solicit = { ...FROM_SERVER_V6, to: '333300010002', from: CLIENT, sourcePort: 546 };
    const frame = udpV6Frame({ ...solicit, destinationPort: 547, payload: '01123456' });
    expect(receive(frame, CLIENT_PORT)).toBe(PASS);
  });
});
