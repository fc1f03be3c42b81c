// The switch inside a Jest test: no root, no interfaces, and the test sets the clock.
//
//     npx jest --config '{}' --rootDir examples bridge-in-a-test

'use strict';

const { Buffer } = require('node:buffer');
const { describe, expect, test } = require('@jest/globals');
const { Bridge, ManualClock, MemoryIo } = require('../dist/index.js'); // elsewhere: 'tapswitch'

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const ALICE = '02:00:00:00:00:01';
const BOB = '02:00:00:00:00:02';
const AGEING_MS = 300_000;

/** A frame of an experimental protocol (IEEE 802 local EtherType 1). */
function frame(to, from) {
  return Buffer.from(`${to}${from}88b5`.replaceAll(':', '').padEnd(120, '0'), 'hex');
}

/** Three ports: Alice's, Bob's, and one more. */
function makeNetwork() {
  const network = new MemoryIo(new Bridge(), new ManualClock());
  return { network, ports: ['alice', 'bob', 'carol'].map((name) => network.port(name)) };
}

describe('a switch', () => {
  test('floods frames to an unknown station, and sends frames to a known one to its port alone', () => {
    const { ports } = makeNetwork();
    const [alice, bob, carol] = ports;

    alice.send(frame(BROADCAST, ALICE));
    expect([bob, carol].map((port) => port.take().length)).toEqual([1, 1]);

    bob.send(frame(ALICE, BOB));
    expect([alice, carol].map((port) => port.take().length)).toEqual([1, 0]);
  });

  test('forgets a station that is silent for five minutes', () => {
    const { network, ports } = makeNetwork();
    const [alice, bob, carol] = ports;
    alice.send(frame(BROADCAST, ALICE));
    network.advance(AGEING_MS + 1);
    carol.take();

    bob.send(frame(ALICE, BOB));
    expect(carol.take()).toHaveLength(1);
  });
});
