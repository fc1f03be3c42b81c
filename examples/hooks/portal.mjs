// The redirect of a captive portal. A guest is a host behind a port whose name begins with "guest". Whatever web
// server a guest asks, on port 80, the portal answers in its place, until the guest has fetched /accept from it.
// ARP, DHCP and DNS always work; everything else of such a guest is dropped. A connection that the portal has answered
// stays with the portal to its end, also when the guest has accepted meanwhile.

import { Buffer } from 'node:buffer';

const PORTAL = { ip: '192.0.2.80', mac: '02:00:00:00:00:80' };
const WEB = 80;
/** Ports of services that a guest needs before it has accepted: DNS, DHCP. */
const FREE_PORTS = [53, 67];
const ACCEPT = 'GET /accept ';
/** Connections that are remembered: enough for some hundred guests. */
const CONNECTIONS_MAX = 10_000;

/** MACs of the guests that have accepted. */
const accepted = new Set();
/** Address and port of a guest → the server that it asked. */
const asked = new Map();
let redirected;

export default {
  match: 'ip',
  onError: 'drop',

  setup(bridge) {
    redirected = bridge.counter('redirected');
  },

  frame(frame) {
    const { ipv4, tcp, udp } = frame;
    if (ipv4 === undefined) return 'pass';
    if (frame.source === PORTAL.mac) return answer(ipv4, tcp);
    if (!frame.ingress.startsWith('guest')) return 'pass';
    if (accepted.has(frame.source) && !isWithPortal(ipv4, tcp)) return 'pass';
    if (udp !== undefined && FREE_PORTS.includes(udp.destinationPort)) return 'pass';
    if (tcp?.destinationPort !== WEB) return 'drop';
    if (isAccept(tcp.payload)) accepted.add(frame.source);
    redirect(frame, ipv4, tcp);
    return frame;
  },
};

/** Whether a frame of a guest that has accepted belongs to a connection that the portal answers. */
function isWithPortal(ipv4, tcp) {
  if (tcp?.destinationPort !== WEB) return false;
  const guest = `${ipv4.source} ${tcp.sourcePort}`;
  // A new connection from the same port is none of the portal's any more.
  if (tcp.isSyn) asked.delete(guest);
  return asked.has(guest);
}

/** Sends the request of a guest to the portal. */
function redirect(frame, ipv4, tcp) {
  const guest = `${ipv4.source} ${tcp.sourcePort}`;
  if (asked.size >= CONNECTIONS_MAX) asked.delete(asked.keys().next().value);
  asked.set(guest, ipv4.destination);
  ipv4.destination = PORTAL.ip;
  frame.destination = PORTAL.mac;
  redirected.add();
}

/** Lets an answer of the portal look like one of the server that the guest asked. */
function answer(ipv4, tcp) {
  if (tcp?.sourcePort !== WEB) return;
  const server = asked.get(`${ipv4.destination} ${tcp.destinationPort}`);
  if (server !== undefined) ipv4.source = server;
}

function isAccept(payload) {
  return Buffer.from(payload).toString('latin1', 0, ACCEPT.length) === ACCEPT;
}
