// A network in a test of node:test.
//
//     node --test examples/testing.node.mjs

import assert from 'node:assert';
import test from 'node:test';
import { frame, network } from '../dist/testing/index.js'; // elsewhere: 'tapswitch/testing'

test('hosts find each other', () => {
  const net = network({ ports: ['alice', 'bob', 'carol'] });
  const alice = net.host('alice', { ip: ['192.0.2.1', '2001:db8::1'] });
  net.host('bob', { ip: ['192.0.2.2', '2001:db8::2'] });
  assert(alice.ping('192.0.2.2'));
  assert(alice.ping('2001:db8::2'));
});

test('a frame that is too long for a port is dropped there', () => {
  const net = network({ ports: ['alice', { name: 'bob', mtuBytes: 576 }] });
  net.port('alice').send(frame.ethernet({ from: '02:00:00:00:00:01', padTo: 1_000 }));
  net.port('bob').expectDropped('too-long');
});
