// A network in a test of Jest.
//
//     npx jest --config '{}' --rootDir examples testing.jest

'use strict';

const { expect, test } = require('@jest/globals');
const { decode, frame, network } = require('../dist/testing/index.js'); // elsewhere: 'tapswitch/testing'

const ASK = {
  senderMac: '02:00:00:00:00:01',
  senderIp: '192.0.2.1',
  targetIp: '192.0.2.254',
};

test('the switch answers ARP for its own address', () => {
  const net = network({ ports: ['alice'], mac: '02:00:00:00:00:99', addresses: ['192.0.2.254'] });
  const alice = net.port('alice');
  alice.take();
  alice.send(frame.arp(ASK));
  expect(alice.received.map((bytes) => decode(bytes).arp)).toMatchObject([
    { operation: 'reply', senderMac: '02:00:00:00:00:99', senderIp: '192.0.2.254' },
  ]);
});
