import { describe, expect, test } from '@jest/globals';
import { decode } from '../../../src/testing/decoder/decode';
import { frame } from '../../../src/testing/frames/frame';
import { type Network, network } from '../../../src/testing/network';
import { readCapture } from '../../../src/testing/capture-file';

const HELLO = frame.ethernet({ from: '02:00:00:00:00:01', payload: 'hello' });

describe('a network in a test', () => {
  test('forwards between ports by name', () => {
    const net = network({ ports: ['alice', 'bob', 'carol'] });
    net.port('alice').send(HELLO);
    expect(net.port('bob').take()).toEqual([HELLO]);
    expect(net.port('carol').received).toEqual([HELLO]);
    expect(net.port('alice').received).toEqual([]);
    expect(net.port('bob').received).toEqual([]);
    expect(net.stations()).toMatchObject([{ mac: '02:00:00:00:00:01', port: 0 }]);
    expect(net.port('alice').counters).toMatchObject({ 'rx-frames': 1, learned: 1 });
  });

  test('refuses names that are wrong', () => {
    const net = network({ ports: ['alice', 'bob'] });
    expect(() => net.port('eve')).toThrow('there is no port eve; there are alice, bob');
    expect(() => network({ ports: ['alice', 'alice'] })).toThrow('there is a port alice already');
    expect(() => network({ ports: [], addresses: ['192.0.2'] })).toThrow(
      'not an IP address: 192.0.2',
    );
  });

  test('has hosts that answer ARP, Neighbor Discovery and ping', () => {
    const net = network({ ports: ['alice', 'bob', 'carol'] });
    const alice = net.host('alice', { ip: ['192.0.2.1', '2001:db8::1'] });
    const bob = net.host('bob', { ip: ['192.0.2.2', '2001:db8::2'] });
    expect(alice.ping('192.0.2.2')).toBe(true);
    expect(bob.ping('2001:db8:0::1')).toBe(true);
    expect(alice.resolve('2001:db8::2')).toBe(bob.mac);
    expect(bob.neighbours.get('192.0.2.1')).toBe(alice.mac);
    // Carol's port has received only the requests.
    expect(
      net
        .port('carol')
        .decoded()
        .map(({ arp, nd }) => arp?.operation ?? nd?.kind),
    ).toEqual(['request', 'neighbour-solicitation']);
    expect(net.nowMs).toBe(0);
  });

  test('waits a second for a host that is not there', () => {
    const net = network({ ports: ['alice', 'bob'] });
    const alice = net.host('alice', { ip: '192.0.2.1' });
    expect(alice.ping('192.0.2.9')).toBe(false);
    expect(net.nowMs).toBe(1_000);
    expect(() => alice.ping('2001:db8::9')).toThrow(
      'the host has no address of the family of 2001:db8::9',
    );
  });

  test('keeps hosts of one tag apart from those of another', () => {
    const net = network({ ports: ['alice', 'bob', 'carol'] });
    const alice = net.host('alice', { ip: '192.0.2.1', vlan: 10 });
    const carol = net.host('carol', { ip: '192.0.2.2', vlan: { vid: 20, priority: 3 } });
    expect(alice.ping('192.0.2.2')).toBe(false);
    const bob = net.host('bob', { ip: '192.0.2.2', vlan: 10 });
    expect(alice.ping('192.0.2.2')).toBe(true);
    expect(alice.neighbours.get('192.0.2.2')).toBe(bob.mac);
    expect(carol.neighbours.size).toBe(0);
  });

  test('has a switch with addresses, which hosts can ping', () => {
    const addresses = ['192.0.2.254', '2001:db8::fe'];
    const net = network({ ports: ['alice'], mac: '02:00:00:00:00:99', addresses });
    const alice = net.host('alice', { ip: ['192.0.2.1', '2001:db8::1'] });
    expect(addresses.map((address) => alice.ping(address))).toEqual([true, true]);
    expect(alice.neighbours.get('192.0.2.254')).toBe('02:00:00:00:00:99');
  });

  test('delivers the announcement of a host to all hosts', () => {
    const net = network({ ports: ['alice', 'bob'] });
    const bob = net.host('bob', { ip: ['192.0.2.2', '2001:db8::2'] });
    bob.announce();
    expect(net.port('alice').decoded()).toMatchObject([
      { arp: { senderIp: '192.0.2.2', targetIp: '192.0.2.2' } },
      { nd: { kind: 'neighbour-advertisement', target: '2001:db8::2', flags: ['override'] } },
    ]);
  });

  test('reports dropped frames with their reasons', () => {
    const net = network({
      ports: [
        { name: 'alice', settings: { isolated: true } },
        { name: 'bob', mtuBytes: 100, settings: { isolated: true } },
        { name: 'carol', mtuBytes: 100 },
      ],
    });
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => net.port(name));
    alice?.send(frame.ethernet({ from: '02:00:00:00:00:01', padTo: 200 }));
    carol?.expectDropped('too-long');
    alice?.expectNothingDropped();
    bob?.expectNothingDropped();
    expect(() => carol?.expectDropped('too-long')).toThrow('carol dropped nothing, not 1 too-long');
    alice?.send(frame.ethernet({ from: '01:00:00:00:00:01' }));
    expect(() => alice?.expectNothingDropped()).toThrow(
      'alice dropped 1 source-group, not nothing',
    );
    expect(() => alice?.expectDropped('too-loud')).toThrow('no drop reason too-loud; reasons: ');
  });

  test('forgets stations when its time has passed', () => {
    const net = network({ ports: ['alice', 'bob'], ageingMs: 10_000 });
    net.port('alice').send(HELLO);
    net.advance(9_900);
    expect(net.stations()).toHaveLength(1);
    net.advance(200);
    expect(net.stations()).toEqual([]);
  });

  test('accepts the settings that a running switch accepts', () => {
    const net = network({ ports: ['alice', 'bob', 'carol'], arp: 'direct' });
    const alice = net.host('alice', { ip: '192.0.2.1' });
    const bob = net.host('bob', { ip: '192.0.2.2' });
    alice.announce();
    bob.announce();
    net.port('carol').take();
    expect(alice.ping('192.0.2.2')).toBe(true);
    expect(net.port('carol').received).toEqual([]);
  });
});

describe('linked networks', () => {
  function pair(): [Network, Network] {
    const left = network({ ports: ['alice', 'up'] });
    const right = network({ ports: ['bob', 'up'] });
    left.link('up', right, 'up');
    return [left, right];
  }

  test('carry frames, and have one time', () => {
    const [left, right] = pair();
    const alice = left.host('alice', { ip: '192.0.2.1', mac: '02:00:00:00:00:01' });
    right.host('bob', { ip: '192.0.2.2', mac: '02:00:00:00:00:02' });
    expect(alice.ping('192.0.2.2')).toBe(true);
    right.advance(300_001);
    expect([left.nowMs, right.nowMs]).toEqual([300_001, 300_001]);
    // The switches have polled the hosts, which are still there.
    expect(left.stations()).toMatchObject([{ mac: '02:00:00:00:00:01', updatedAgoMs: 12_000 }]);
  });

  test('are refused where their times differ', () => {
    const [left] = pair();
    const late = network({ ports: ['up'] });
    late.advance(5);
    expect(() => left.link('alice', late, 'up')).toThrow('a switch at 5 ms to one at 0 ms');
  });

  test('report that frames go round in a loop', () => {
    const [left, right] = pair();
    left.link('alice', right, 'bob');
    expect(() => left.port('alice').send(HELLO)).toThrow('frames go round in a loop');
  });
});

describe('a recording', () => {
  test('is a capture file that can be played again', () => {
    const first = network({ ports: ['alice', 'bob', 'carol'] });
    first.port('alice').send(HELLO);
    const recording = first.record();
    const alice = first.host('alice', { ip: '192.0.2.1' });
    first.host('bob', { ip: '192.0.2.2' });
    expect(alice.ping('192.0.2.2')).toBe(true);
    first.advance(1_500);
    expect(alice.ping('192.0.2.2', 'again')).toBe(true);
    recording.stop();
    first.port('alice').send(HELLO);

    const frames = readCapture(recording.toPcapng());
    expect(frames).toEqual(
      recording.frames.map((one) => ({ ...one, bytes: Buffer.from(one.bytes) })),
    );
    const again = network({ ports: ['alice', 'bob', 'carol'] });
    again.advance(70);
    const replayed = again.record();
    again.replay(frames);
    expect(again.nowMs).toBe(1_570);
    const fates = (list: typeof frames, offsetMs: number): string[] =>
      list.map(({ bytes, direction, port, timeNs }) =>
        [
          Number(timeNs / 1_000_000n) - offsetMs,
          port,
          direction,
          Buffer.from(bytes).toString('hex'),
        ].join(' '),
      );
    expect(fates(replayed.frames, 70)).toEqual(fates(frames, 0));
    expect(
      again
        .port('bob')
        .decoded()
        .filter(({ echo }) => echo?.kind === 'request'),
    ).toHaveLength(2);
  });

  test('keeps a frame whose buffer is used again', () => {
    const net = network({ ports: ['alice', 'bob'] });
    const recording = net.record();
    const buffer = Buffer.from(HELLO);
    net.port('alice').send(buffer);
    buffer.fill(0);
    net.port('bob').take()[0]?.fill(0);
    expect(recording.frames.map(({ bytes }) => Buffer.from(bytes))).toEqual([
      Buffer.from(HELLO),
      Buffer.from(HELLO),
    ]);
  });

  test('is replayed into the ports that a test chooses', () => {
    const net = network({ ports: ['alice', 'bob'] });
    const frames = [{ timeNs: 5n, port: 'eth0', bytes: HELLO }];
    expect(() => net.replay(frames)).toThrow('there is no port eth0');
    net.replay(frames, () => 'bob');
    expect(net.port('alice').received.map((bytes) => decode(bytes).from)).toEqual([
      '02:00:00:00:00:01',
    ]);
  });
});
