// A port knocker. Nobody can open a TCP connection to port 22 of the protected host, except a host that has sent
// datagrams to the three secret ports of it, in their order and within ten seconds. The door stays open for a
// minute. Connections that are open already go on.

const PROTECTED = '192.0.2.2';
const PORT = 22;
const KNOCKS = [7000, 8000, 9000];
const KNOCK_MS = 10_000;
const OPEN_MS = 60_000;

/** Address → the knocks that it has made, and the time of the first one. */
const knocking = new Map();
/** Address → time until which it may connect. */
const open = new Map();
let bridge;

export default {
  match: `dst host ${PROTECTED} and (tcp dst port ${PORT} or udp)`,
  onError: 'drop',

  setup(given) {
    bridge = given;
    bridge.every(1_000, forget);
  },

  frame(frame) {
    const { ipv4, udp, tcp } = frame;
    if (ipv4 === undefined) return 'pass';
    if (udp !== undefined) {
      knock(ipv4.source, udp.destinationPort);
      return 'pass';
    }
    const isNew = tcp !== undefined && tcp.isSyn && !tcp.isAck;
    return isNew && !(open.get(ipv4.source) > bridge.nowMs) ? 'drop' : 'pass';
  },
};

function knock(address, port) {
  const { made, sinceMs } = knocking.get(address) ?? { made: 0, sinceMs: bridge.nowMs };
  if (port !== KNOCKS[made] || bridge.nowMs - sinceMs > KNOCK_MS) {
    knocking.delete(address);
    if (port === KNOCKS[0]) knocking.set(address, { made: 1, sinceMs: bridge.nowMs });
    return;
  }
  knocking.set(address, { made: made + 1, sinceMs });
  if (made + 1 < KNOCKS.length) return;
  knocking.delete(address);
  open.set(address, bridge.nowMs + OPEN_MS);
  bridge.log(`port ${PORT} of ${PROTECTED} is open for ${address}`);
}

function forget() {
  for (const [address, untilMs] of open) if (untilMs <= bridge.nowMs) open.delete(address);
  for (const [address, { sinceMs }] of knocking) {
    if (bridge.nowMs - sinceMs > KNOCK_MS) knocking.delete(address);
  }
}
