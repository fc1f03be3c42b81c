// An account of the traffic of each host, on /metrics:
//
//     tapswitch_hook_counter_total{bridge="br0",hook="account",counter="bytes",label="192.0.2.1"} 8400
//
// A host is an IPv4 address that sends. A super-frame counts as the frames that it becomes on a wire.

/** Address as a number → its counters. Text is made once for each host, and not for each frame. */
const hosts = new Map();
/** Hosts with counters. Each has two, and the switch has room for 4,096 counters. */
const HOSTS_MAX = 2_000;
let bridge;

export default {
  match: 'ip',

  setup(given) {
    bridge = given;
  },

  frame(frame) {
    const { ipv4 } = frame;
    if (ipv4 === undefined) return;
    const { bytes, frames } = hosts.get(ipv4.sourceNumber) ?? newHost(ipv4);
    bytes.add(frame.length);
    frames.add(frame.segments);
  },
};

function newHost({ sourceNumber, source }) {
  const label = hosts.size < HOSTS_MAX ? source : 'others';
  const host = { bytes: bridge.counter('bytes', label), frames: bridge.counter('frames', label) };
  if (hosts.size < HOSTS_MAX) hosts.set(sourceNumber, host);
  return host;
}
