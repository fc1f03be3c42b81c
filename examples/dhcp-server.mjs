// A DHCP server on a switch of its own: a host that is a page of a program, at the other end of a script port.
//
//     sudo node examples/dhcp-server.mjs 192.0.2.1 tap0 tap1
//
// Clients behind the ports get addresses from 192.0.2.10 on, for an hour, and the same one each time they ask.

import { startSwitch } from '../dist/index.js'; // elsewhere: from 'tapswitch'
import { decode, frame } from '../dist/testing/index.js'; // elsewhere: from 'tapswitch/testing'

const [server = '', ...ports] = process.argv.slice(2);
if (ports.length === 0) {
  console.error('dhcp-server: usage: dhcp-server.mjs ADDRESS PORT...');
  process.exit(1);
}
const MAC = '02:00:00:00:00:67';
const NETWORK = server.replace(/\d+$/, '');
const LEASE_SECONDS = 3600;
const ANSWERS = { discover: 'offer', request: 'ack' };
/** Options by number: RFC 2132. */
const SUBNET_MASK = 1;
const REQUESTED_ADDRESS = 50;

/** Addresses by the MACs of their clients. */
const leases = new Map();

/** The address of a client: the one that it has, or the next one. */
function leaseOf(client) {
  if (!leases.has(client)) leases.set(client, `${NETWORK}${10 + leases.size}`);
  return leases.get(client);
}

/** The answer to a message of a client; undefined for any other frame. */
function answerTo(bytes) {
  const { dhcp, from } = decode(bytes);
  const type = ANSWERS[dhcp?.type];
  if (type === undefined) return undefined;
  const { clientMac, clientIp, options, transactionId } = dhcp;
  const yourIp = leaseOf(clientMac);
  const wanted = options[REQUESTED_ADDRESS]?.join('.') ?? clientIp;
  const both = { from: MAC, to: from, source: server, server, clientMac, transactionId };
  if (dhcp.type === 'request' && wanted !== yourIp) return frame.dhcp({ ...both, type: 'nak' });
  const mask = Uint8Array.of(255, 255, 255, 0);
  const lease = { yourIp, leaseTime: LEASE_SECONDS, options: { [SUBNET_MASK]: mask } };
  return frame.dhcp({ ...both, type, ...lease });
}

const running = await startSwitch({ name: 'dhcp', ports });
const wire = await running.ports.script('dhcp-server');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => running.stop());
console.log(`Serving addresses from ${NETWORK}10 on`);
for await (const bytes of wire) {
  const answer = answerTo(bytes);
  if (answer !== undefined) wire.write(answer);
}
