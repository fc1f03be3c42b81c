// A fault: the third attempt to open a TCP connection gets lost, and no other frame. It shows what a client does
// then: Linux sends its SYN again after a second.

let attempts = 0;

export default {
  match: 'tcp',

  frame({ tcp }) {
    if (tcp === undefined || !tcp.isSyn || tcp.isAck) return 'pass';
    attempts++;
    return attempts === 3 ? 'drop' : 'pass';
  },
};
