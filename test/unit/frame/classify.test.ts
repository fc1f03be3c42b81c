import { describe, expect, test } from '@jest/globals';
import {
  Burst,
  FrameFlag,
  HEADROOM_BYTES,
  NO_TYPE,
  payloadOf,
  typeOf,
} from '../../../src/frame/burst';
import { classify } from '../../../src/frame/classify';
import { FLAG_DATA_VALID, FLAG_NEEDS_CSUM, GSO_TCPV4 } from '../../../src/wire/virtio';
import { parseMac } from '../../../src/wire/mac';
import type { MacWords } from '../../../src/wire/mac';
import { BROADCAST, MULTICAST, ethernet, printed, station } from '../../support/ethernet';
import { RoomHarness, fromHex, toHex } from '../../support/room-harness';

const SWITCH = station(0x99);
const HOST = station(1);
const FROM = station(2);

const ALL_FLAGS = Object.values(FrameFlag).reduce((all, flag) => all | flag, 0);

interface Columns {
  readonly flags: number;
  /** As it stands on the wire. */
  readonly type: string;
  /** Bytes from the destination address. */
  readonly payload: number;
}

function columnsOf(burst: Burst, frame: number): Columns {
  const type = typeOf(burst, frame);
  const bytes = [type & 0xff, type >> 8];
  return {
    flags: (burst.kind[frame] as number) & ALL_FLAGS,
    type: type === NO_TYPE ? 'none' : toHex(Uint8Array.from(bytes)),
    payload: payloadOf(burst, frame) - (burst.offset[frame] as number),
  };
}

/** The columns of a frame to the switch at 02:00:00:00:00:99 or to others. */
function classified(frame: Uint8Array, vnetHeader?: string): Columns {
  const { burst } = received(frame, vnetHeader);
  return columnsOf(burst, 0);
}

function received(frame: Uint8Array, vnetHeader?: string): RoomHarness {
  const harness = new RoomHarness();
  harness.receive(frame, 0, vnetHeader);
  return harness;
}

describe('the flags of a frame', () => {
  const { Broadcast, Group, Offloaded, Reserved, Short, Tagged, ToSwitch } = FrameFlag;

  test.each([
    ['to one station', HOST, 0],
    ['to the switch', SWITCH, ToSwitch],
    ['to a station whose last bytes are those of the switch', `0201${SWITCH.slice(4)}`, 0],
    ['to a group', MULTICAST, Group],
    ['to everybody', BROADCAST, Group | Broadcast],
    ['to a group that begins like the broadcast address', 'fffffffffffe', Group],
    ['to the first reserved address', '0180c2000000', Group | Reserved],
    ['to the last reserved address', '0180c200000f', Group | Reserved],
    ['to the address behind it', '0180c2000010', Group],
  ])('%s', (_title, to, flags) => {
    expect(classified(ethernet({ to, from: FROM })).flags).toBe(flags);
  });

  test.each([
    ['a checksum left open', FLAG_NEEDS_CSUM, 0, Offloaded],
    ['a super-frame', 0, GSO_TCPV4, Offloaded],
    ['a checksum verified', FLAG_DATA_VALID, 0, 0],
  ])('%s', (_title, vnetFlags, gsoType, flags) => {
    const vnetHeader = toHex(Uint8Array.from([vnetFlags, gsoType, ...Array<number>(8).fill(0)]));
    expect(classified(ethernet({ to: HOST, from: FROM }), vnetHeader).flags).toBe(flags);
  });

  test.each([0, 1, 13])('%d bytes are too short for any other flag', (lengthBytes) => {
    const frame = ethernet({ to: BROADCAST, from: FROM }).subarray(0, lengthBytes);
    expect(classified(frame)).toEqual({ flags: Short, type: 'none', payload: 14 });
  });

  test('several at once', () => {
    const frame = ethernet({ to: BROADCAST, from: FROM, type: '8100', payload: '0001 0800' });
    const vnetHeader = `01${'00'.repeat(9)}`;
    expect(classified(frame, vnetHeader).flags).toBe(Group | Broadcast | Tagged | Offloaded);
  });
});

describe('type and payload', () => {
  const TAG = '8100 0001';

  test.each<[title: string, type: string, found: string, payload: number, isTagged: boolean]>([
    ['no tag', '0806', '0806', 14, false],
    ['a length', '0026', '0026', 14, false],
    ['an older tag, which is a type like any other', '9100 0001 0800', '9100', 14, false],
    ['one tag', `${TAG} 0800`, '0800', 18, true],
    ['a service tag', '88a8 0064 86dd', '86dd', 18, true],
    ['two tags', `88a8 0064 ${TAG} 0806`, '0806', 22, true],
    ['seven tags', `${TAG.repeat(7)} 0800`, '0800', 42, true],
    ['eight tags, too many', `${TAG.repeat(8)} 0800`, 'none', 42, true],
    ['a tag of which there is the type alone', '8100', 'none', 14, true],
    ['a tag without the type behind it', '8100 0001', 'none', 14, true],
    ['a second tag that is cut off', `${TAG} 8100 00`, 'none', 18, true],
  ])('%s', (_title, header, type, payload, isTagged) => {
    const frame = fromHex(HOST + FROM + header);
    const flags = isTagged ? FrameFlag.Tagged : 0;
    expect(classified(frame)).toEqual({ flags, type, payload });
  });
});

describe('the column', () => {
  const mac = parseMac(printed(SWITCH)) as MacWords;

  test('changes for the requested frames only', () => {
    const burst = new Burst();
    const frames = [BROADCAST, HOST, SWITCH, MULTICAST].map((to) => ethernet({ to, from: FROM }));
    frames.forEach((bytes, frame) => {
      burst.offset[frame] = HEADROOM_BYTES + frame * 64;
      burst.length[frame] = bytes.length;
      burst.u8.set(bytes, burst.offset[frame]);
      burst.kind[frame] = FrameFlag.Short;
    });
    classify(burst, mac, 1, 3);
    const { Short, ToSwitch } = FrameFlag;
    const flags = frames.map((_bytes, frame) => columnsOf(burst, frame).flags);
    expect(flags).toEqual([Short, 0, ToSwitch, Short]);
  });

  test('of a frame that the switch made: plain, without a type', () => {
    const { burst } = received(ethernet({ to: BROADCAST, from: FROM }));
    burst.kind.fill(-1);
    const made = burst.make(42);
    expect(columnsOf(burst, made)).toEqual({ flags: 0, type: 'none', payload: 14 });
  });

  test('of a copy equals that of the original, without the flag for offloaded work', () => {
    const frame = ethernet({ to: BROADCAST, from: FROM, type: '8100', payload: '0001 0800' });
    const { burst } = received(frame, `01${'00'.repeat(9)}`);
    const made = burst.make(frame.length);
    burst.copyKind(made, 0);
    const { Broadcast, Group, Tagged } = FrameFlag;
    expect(columnsOf(burst, made)).toEqual({
      flags: Group | Broadcast | Tagged,
      type: '0800',
      payload: 18,
    });
  });
});
