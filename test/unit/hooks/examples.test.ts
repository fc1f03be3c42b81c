/** The programs of docs/hooks.md, in a switch in memory. They are loaded as the data plane loads them. */

import { beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadHookFile } from '../../../src/dataplane/hook-loader';
import type { TcpFlag } from '../../../src/testing/frames/transport';
import { frame } from '../../../src/testing/frames/frame';
import { type Network, network } from '../../../src/testing/network';

const FOLDER = join(__dirname, '../../../examples/hooks');
const CLIENT = { from: '02:00:00:00:00:01', source: '192.0.2.1' };
const SERVER = { to: '02:00:00:00:00:02', destination: '192.0.2.2' };

let net: Network;

beforeEach(() => {
  net = network({ ports: ['guest0', 'lan0'] });
});

function load(name: string): void {
  const file = join(FOLDER, `${name}.mjs`);
  net.bridge.loadHook(loadHookFile(name, file, readFileSync(file, 'utf8')));
}

/** Sends frames from the client. @returns the number of frames that reach the server */
function passed(...frames: readonly Uint8Array[]): number {
  net.port('guest0').send(...frames);
  return net.port('lan0').take().length;
}

function segment(destinationPort: number, flags: readonly TcpFlag[], payload = ''): Uint8Array {
  return frame.tcp({ ...CLIENT, ...SERVER, sourcePort: 40_000, destinationPort, flags, payload });
}

function datagram(destinationPort: number, payload: string | Uint8Array = ''): Uint8Array {
  return frame.udp({ ...CLIENT, ...SERVER, sourcePort: 40_000, destinationPort, payload });
}

/** Counters of the hook: label → value. */
function counts(): Record<string, number> {
  const [hook] = net.hooks;
  expect(hook?.failures).toBe(0);
  return Object.fromEntries(
    (hook?.counters ?? []).map(({ name, label, value }) => [`${name} ${label}`.trim(), value]),
  );
}

test('each program has a test', () => {
  const names = ['account', 'firewall', 'generator', 'knock', 'portal', 'third-syn'];
  expect(readdirSync(FOLDER).sort()).toEqual(names.map((name) => `${name}.mjs`));
});

describe('the firewall', () => {
  /** A question for the A record of a name: RFC 1035 4.1.2. */
  function question(name: string): Uint8Array {
    const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
    return Uint8Array.from([...new Uint8Array(12), ...labels, 0, 0, 1, 0, 1]);
  }

  test('drops what a blocked station sends', () => {
    load('firewall');
    expect(passed(frame.ethernet({ from: '02:00:00:00:00:66' }))).toBe(0);
    expect(passed(frame.ethernet({ from: '02:00:00:00:00:67' }))).toBe(1);
    expect(counts()).toEqual({ 'blocked 02:00:00:00:00:66': 1 });
  });

  test.each([
    ['ads.example', 0],
    ['www.ADS.example', 0],
    ['loads.example', 1],
    ['example', 1],
  ])('treats a question for %s', (name, expected) => {
    load('firewall');
    expect(passed(datagram(53, question(name)))).toBe(expected);
    expect(counts()).toEqual(expected === 0 ? { 'blocked ads.example': 1 } : {});
  });

  test('lets messages without a question pass', () => {
    load('firewall');
    expect(passed(datagram(53), datagram(53, new Uint8Array(12)))).toBe(2);
    expect(counts()).toEqual({});
  });
});

describe('the port knocker', () => {
  const SYN = segment(22, ['syn']);

  test('keeps the port shut without the knocks in their order', () => {
    load('knock');
    expect(passed(SYN, segment(22, ['ack']), segment(80, ['syn']))).toBe(2);
    passed(datagram(7000), datagram(9000), datagram(8000));
    expect(passed(SYN)).toBe(0);
  });

  test('opens it for a minute', () => {
    load('knock');
    passed(datagram(7000), datagram(8000), datagram(9000));
    expect(passed(SYN)).toBe(1);
    net.advance(59_000);
    expect(passed(SYN)).toBe(1);
    net.advance(2_000);
    expect(passed(SYN)).toBe(0);
  });

  test('expects the knocks within ten seconds', () => {
    load('knock');
    passed(datagram(7000), datagram(8000));
    net.advance(11_000);
    passed(datagram(9000));
    expect(passed(SYN)).toBe(0);
  });
});

describe('the captive portal', () => {
  const PORTAL = { from: '02:00:00:00:00:80', source: '192.0.2.80' };

  test('answers in place of every web server', () => {
    load('portal');
    net.port('guest0').send(segment(80, ['syn']));
    const [request] = net.port('lan0').decoded();
    expect(request).toMatchObject({
      to: PORTAL.from,
      ip: { destination: PORTAL.source, headerChecksum: 'right' },
      tcp: { checksum: 'right' },
    });
    const reply = { sourcePort: 80, destinationPort: 40_000, flags: ['syn', 'ack'] } as const;
    const back = { to: CLIENT.from, destination: CLIENT.source };
    net.port('lan0').send(frame.tcp({ ...PORTAL, ...back, ...reply }));
    expect(net.port('guest0').decoded()).toMatchObject([
      { ip: { source: SERVER.destination, headerChecksum: 'right' }, tcp: { checksum: 'right' } },
    ]);
    expect(counts()).toEqual({ redirected: 1 });
  });

  test('lets DNS and DHCP pass, and nothing else', () => {
    load('portal');
    expect(passed(datagram(53), datagram(67), datagram(123), segment(443, ['syn']))).toBe(2);
  });

  test('lets a guest pass that has accepted', () => {
    load('portal');
    passed(segment(80, ['ack', 'psh'], 'GET /accept HTTP/1.1\r\n\r\n'));
    expect(passed(datagram(123), segment(443, ['syn']))).toBe(2);
    expect(counts()).toEqual({ redirected: 1 });
  });

  test('keeps the connection over which a guest has accepted, and no later one from the same port', () => {
    load('portal');
    const destinations = (...flags: TcpFlag[]): unknown[] => {
      net.port('lan0').take();
      net.port('guest0').send(segment(80, flags));
      return net.port('lan0').decoded();
    };
    passed(segment(80, ['ack', 'psh'], 'GET /accept HTTP/1.1\r\n\r\n'));
    expect(destinations('ack', 'fin')).toMatchObject([{ to: PORTAL.from }]);
    expect(destinations('syn')).toMatchObject([{ to: SERVER.to }]);
    expect(destinations('ack')).toMatchObject([{ to: SERVER.to }]);
  });

  test('does not affect hosts behind other ports', () => {
    load('portal');
    net.port('lan0').send(datagram(123));
    expect(net.port('guest0').received).toHaveLength(1);
  });
});

test('the fault drops the third SYN, and no other frame', () => {
  load('third-syn');
  const syn = segment(80, ['syn']);
  const passes = [syn, segment(80, ['ack']), syn, syn, syn].map((one) => passed(one));
  expect(passes).toEqual([1, 1, 1, 0, 1]);
  expect(passed(segment(80, ['syn', 'ack']), datagram(80))).toBe(2);
});

test('the generator sends ten numbered frames a second out of every port that is up', () => {
  load('generator');
  net.port('lan0').setUp(false);
  net.advance(1_000);
  const sent = net.port('guest0').take();
  expect(sent.map((bytes) => Buffer.from(bytes).readUInt32BE(14))).toEqual([
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  ]);
  expect(net.port('lan0').received).toEqual([]);
  expect(counts()).toEqual({ sent: 10 });
  net.port('lan0').setUp(true);
  expect(passed(frame.ethernet({ from: CLIENT.from, type: 0x88b5 }))).toBe(0);
});

test('the account counts bytes and frames of each host', () => {
  load('account');
  const one = datagram(53, 'question');
  passed(
    one,
    one,
    frame.udp({ ...CLIENT, ...SERVER, source: '192.0.2.3', sourcePort: 1, destinationPort: 2 }),
  );
  expect(counts()).toEqual({
    'bytes 192.0.2.1': 2 * one.length,
    'frames 192.0.2.1': 2,
    'bytes 192.0.2.3': 42,
    'frames 192.0.2.3': 1,
  });
});
