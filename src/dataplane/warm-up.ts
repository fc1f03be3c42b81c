/**
 * Runs the frame path before the first frame comes, on a bridge that is thrown away. V8 compiles
 * what has run often; a switch that starts cold forwards its first ten thousand frames at a tenth
 * of its speed, and a burst of new addresses in that time overruns the ports' queues. What is done
 * between two bursts is warmed, too, lest the first look at the table hold up a frame.
 */

import { Bridge } from '../l2/bridge';
import { ETHER_TYPE_IPV4, DESTINATION, ETHER_TYPE, SOURCE, putMac } from '../l2/wire';

const BURSTS = 128;
const FRAMES = 64;
const FRAME_BYTES = 60;
const SLOT_BYTES = 128;
const PORTS = 3;
/** 02:00:00:00:00:00, of which `lo32` is to count. */
const HI16 = 0x0002;
/** Slots of the table that are copied at once. */
const COPY_SLOTS = 256;
/** One burst in so many comes from stations never seen. */
const BURSTS_PER_NEW = 4;

export function warmUp(): void {
  const bridge = new Bridge({ maxPorts: PORTS, fdbMax: (BURSTS * FRAMES) / BURSTS_PER_NEW / 2 });
  bridge.connect({ transmit: () => 0 });
  for (let port = 0; port < PORTS; port++) {
    bridge.addPort(port, { name: `${port}`, mtuBytes: 1500, takesOffloads: true, isUp: true });
  }
  for (let burst = 0; burst < BURSTS; burst++) {
    fillBurst(bridge, burst);
    bridge.handleBurst(FRAMES);
    if (bridge.events.size > FRAMES) bridge.events.drain();
    copyTable(bridge);
  }
}

/** What a look at the table from outside costs the first burst behind it. */
function copyTable({ fdb }: Bridge): void {
  fdb.beginCopy();
  while (fdb.copySlots(COPY_SLOTS) !== undefined);
}

/** Frames between stations of two ports, and now and then from stations that are new. */
function fillBurst({ burst }: Bridge, number: number): void {
  const isNew = number % BURSTS_PER_NEW === 0;
  burst.clock[0] = number;
  for (let frame = 0; frame < FRAMES; frame++) {
    const at = SLOT_BYTES * (frame + 1);
    const port = frame & 1;
    burst.offset[frame] = at;
    burst.length[frame] = FRAME_BYTES;
    burst.ingress[frame] = port;
    const source = isNew ? (number + 1) * FRAMES + frame : 1 + port;
    putMac(burst.u16, at + DESTINATION, HI16, 2 - port);
    putMac(burst.u16, at + SOURCE, HI16, source);
    burst.u16[(at + ETHER_TYPE) >> 1] = ETHER_TYPE_IPV4;
  }
}
