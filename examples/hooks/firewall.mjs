// A firewall by MAC address and by DNS name. Frames of a blocked station are dropped, and so are questions for a
// blocked name or a name below it. `tapctl hook show` has the number of each.

const BLOCKED_MAC = '02:00:00:00:00:66';
const BLOCKED_NAMES = ['ads.example', 'tracker.example'];

/** Bytes of the header of a DNS message (RFC 1035 4.1.1), which the first question follows. */
const DNS_HEADER_BYTES = 12;

let blocked;

export default {
  match: `ether src ${BLOCKED_MAC} or udp dst port 53`,

  setup(bridge) {
    blocked = (what) => bridge.counter('blocked', what).add();
  },

  frame(frame) {
    if (frame.source === BLOCKED_MAC) {
      blocked(BLOCKED_MAC);
      return 'drop';
    }
    const asked = questionOf(frame.udp?.payload ?? new Uint8Array(0));
    const name = BLOCKED_NAMES.find((one) => asked === one || asked.endsWith(`.${one}`));
    if (name === undefined) return 'pass';
    blocked(name);
    return 'drop';
  },
};

/** The name in the first question of a DNS message; empty if there is none. */
function questionOf(message) {
  const labels = [];
  let at = DNS_HEADER_BYTES;
  for (;;) {
    const length = message[at] ?? 0;
    if (length === 0 || length > 63) return labels.join('.').toLowerCase();
    labels.push(String.fromCharCode(...message.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
}
