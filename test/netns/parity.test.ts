/**
 * The same frames go through the kernel's bridge and through the switch. The same frames must come out
 * at the same hosts. Three hosts a, b and c are on each bridge. A case is a list of steps, taken in
 * order. The steps of all cases run together, so each case uses stations of its own.
 *
 * The switch has TAPs as ports, and interfaces of the kernel with and without the fast path.
 *
 * A case with `kernel` is an intended departure of the switch.
 */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { BROADCAST, type FrameFields, frame, marker } from './support/frame';
import { type Host, INTERFACE } from './support/host';
import { connectByKernelBridge } from './support/kernel-bridge';
import { Lab } from './support/lab';
import { until } from './support/until';
import { joinByVeth, nearEndOf, nicPortsOf } from './support/veth';

const HOSTS = ['a', 'b', 'c'] as const;
type HostName = (typeof HOSTS)[number];

const SWITCH_MAC = '02:00:00:00:ff:01';
const ZERO = '00:00:00:00:00:00';
/** A probe of the loop guard: `src/wire/loop-probe.ts`. */
const LOOP_PROBE = /^03746170737702000000ff0188b64c4f4f50/;

/** A frame of a case. The addresses `s1`, `s2` … are stations of the case; other texts are addresses. */
interface Step extends Partial<FrameFields> {
  readonly at: HostName;
}

interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Hosts that the frame of the last step reaches. */
  readonly reaches: string;
  /** Hosts that it reaches on the kernel's bridge, where the switch differs on purpose. */
  readonly kernel?: string;
}

const hexByte = (value: number): string => value.toString(16).padStart(2, '0');

/** A step by which s2 is learned behind b. */
const KNOWN: Step = { at: 'b', from: 's2', to: BROADCAST };
/** A frame from s1 behind a. */
const FROM_A: Step = { at: 'a', from: 's1' };

const LENGTHS: readonly Case[] = Array.from({ length: 46 }, (_, extra) => ({
  name: `${14 + extra} bytes`,
  steps: [KNOWN, { ...FROM_A, to: 's2', lengthBytes: 14 + extra, payload: 'a5'.repeat(46) }],
  reaches: 'b',
}));

const LONG: readonly Case[] = [60, 61, 1513, 1514].map((lengthBytes) => ({
  name: `${lengthBytes} bytes`,
  steps: [KNOWN, { ...FROM_A, to: 's2', lengthBytes, payload: '5a'.repeat(1500) }],
  reaches: 'b',
}));

/** A frame from a, whose MTU is larger. A port with MTU 1500 sends four bytes more, and the outer tag. */
const LONG_AND_TAGGED: readonly Case[] = (
  [
    ['one tag', ['8100'], 1500, 'b'],
    ['one tag', ['8100'], 1504, 'b'],
    ['one tag', ['8100'], 1505, ''],
    ['two tags', ['8100', '8100'], 1500, 'b'],
    ['two tags', ['8100', '8100'], 1501, ''],
    ['a service tag and a tag', ['88a8', '8100'], 1500, 'b'],
    ['a service tag and a tag', ['88a8', '8100'], 1501, ''],
    ['three tags', ['88a8', '8100', '8100'], 1500, ''],
    ['three tags', ['8100', '8100', '8100'], 1496, 'b'],
    ['no tag', [], 1504, 'b'],
    ['no tag', [], 1505, ''],
    ['another type than a tag', ['9100'], 1500, 'b'],
    ['another type than a tag', ['9100'], 1501, ''],
  ] as const
).map(([what, types, payloadBytes, reaches]) => ({
  name: `a payload of ${payloadBytes} bytes behind ${what}`,
  steps: [
    KNOWN,
    {
      ...FROM_A,
      to: 's2',
      type: [...types, '88b5'].join('0064'),
      payload: '3c'.repeat(payloadBytes),
      lengthBytes: 14 + 4 * types.length + payloadBytes,
    },
  ],
  reaches,
}));

const RESERVED: readonly Case[] = Array.from({ length: 0x11 }, (_, last) => ({
  name: `to 01:80:c2:00:00:${hexByte(last)}`,
  steps: [{ ...FROM_A, to: `01:80:c2:00:00:${hexByte(last)}` }],
  reaches: last === 0 || last === 0x10 ? 'bc' : '',
}));

/** A frame to s1 shows whether s1 was learned from a dropped frame. */
const LEARNED_FROM_RESERVED: readonly Case[] = [0x00, 0x01, 0x02, 0x03, 0x0e, 0x0f].map((last) => ({
  name: `to a station that has only sent to 01:80:c2:00:00:${hexByte(last)}`,
  steps: [
    { ...FROM_A, to: `01:80:c2:00:00:${hexByte(last)}` },
    { at: 'c', from: 's3', to: 's1' },
  ],
  reaches: last === 0x01 ? 'ab' : 'a',
}));

const TAG = { priority: '8100a000', vlan: '81000064', service: '88a80064' };
const IPV4 = '0800';

/** A frame with a tag's EtherType and no room for the tag: the receiving kernel drops it. */
const CUT_TAGS: readonly Case[] = [14, 15, 16, 17].map((lengthBytes) => ({
  name: `a tag cut off at ${lengthBytes} bytes`,
  steps: [KNOWN, { ...FROM_A, to: 's2', type: TAG.vlan, lengthBytes }],
  reaches: '',
}));

const TAGS: readonly Case[] = [
  ['a priority tag', `${TAG.priority}${IPV4}`],
  ['a tag', `${TAG.vlan}${IPV4}`],
  ['a service tag', `${TAG.service}${IPV4}`],
  ['a service tag and a tag', `${TAG.service}${TAG.vlan}${IPV4}`],
  ['two tags', `${TAG.vlan}${TAG.priority}${IPV4}`],
  ['a length in place of a type', '0026424203'],
  ['an unknown type', 'ffff'],
  ['a type of zero', '0000'],
].flatMap(([what, type = '']) => [
  { name: `${what}, to one`, steps: [KNOWN, { ...FROM_A, to: 's2', type }], reaches: 'b' },
  { name: `${what}, to all`, steps: [{ ...FROM_A, to: BROADCAST, type }], reaches: 'bc' },
]);

const ADDRESSES: readonly Case[] = [
  { name: 'to all', steps: [{ ...FROM_A, to: BROADCAST }], reaches: 'bc' },
  { name: 'to a group', steps: [{ ...FROM_A, to: '01:00:5e:00:00:fb' }], reaches: 'bc' },
  { name: 'to an IPv6 group', steps: [{ ...FROM_A, to: '33:33:00:00:00:01' }], reaches: 'bc' },
  { name: 'to nobody', steps: [{ ...FROM_A, to: 's2' }], reaches: 'bc' },
  { name: 'to zero', steps: [{ ...FROM_A, to: ZERO }], reaches: 'bc' },
  { name: 'to a known station', steps: [KNOWN, { ...FROM_A, to: 's2' }], reaches: 'b' },
  {
    name: 'to a station on the same port',
    steps: [
      { at: 'a', from: 's2', to: BROADCAST },
      { ...FROM_A, to: 's2' },
    ],
    reaches: '',
  },
  {
    name: 'to a station that has moved',
    steps: [KNOWN, { at: 'c', from: 's2', to: BROADCAST }, { ...FROM_A, to: 's2' }],
    reaches: 'c',
  },
  {
    name: 'to a station that has moved to the same port',
    steps: [KNOWN, { at: 'a', from: 's2', to: BROADCAST }, { ...FROM_A, to: 's2' }],
    reaches: '',
  },
  { name: 'from zero', steps: [{ at: 'a', from: ZERO, to: 's2' }], reaches: '' },
  { name: 'from a group', steps: [{ at: 'a', from: '03:00:00:00:00:01', to: 's2' }], reaches: '' },
  { name: 'from all', steps: [{ at: 'a', from: BROADCAST, to: 's2' }], reaches: '' },
  { name: 'to itself', steps: [{ at: 'a', from: 's1', to: 's1' }], reaches: '' },
  {
    name: 'to itself, known elsewhere',
    steps: [
      { at: 'b', from: 's1', to: BROADCAST },
      { at: 'a', from: 's1', to: 's1' },
    ],
    reaches: '',
  },
  { name: 'to the bridge', steps: [{ ...FROM_A, to: SWITCH_MAC }], reaches: '' },
  {
    name: 'from a station that has sent to the bridge',
    steps: [
      { ...FROM_A, to: SWITCH_MAC },
      { at: 'c', from: 's3', to: 's1' },
    ],
    reaches: 'a',
  },
  {
    name: "from the bridge's own address",
    steps: [{ at: 'a', from: SWITCH_MAC, to: 's2' }],
    reaches: '',
    kernel: 'bc',
  },
];

/** The type of a frame by which a station is learned before the steps of its case. */
const HELLO = '88b7';

/** Puts a frame of the last sender first: a frame from a station that is not known takes no fast path. */
function withHello({ steps, ...rest }: Case): Case {
  const { at, from = '' } = steps.at(-1) as Step;
  const hello = { at, from, to: BROADCAST, type: HELLO };
  return { ...rest, steps: /^s\d$/.test(from) ? [hello, ...steps] : steps };
}

const CASES = [
  ...LENGTHS,
  ...LONG,
  ...LONG_AND_TAGGED,
  ...RESERVED,
  ...LEARNED_FROM_RESERVED,
  ...CUT_TAGS,
  ...TAGS,
  ...ADDRESSES,
].map(withHello);

/** The frame of one step. Its case's number is in its addresses, and in its payload if it has one. */
function frameOf(index: number, { from = '', to = '', ...rest }: Step): string {
  const number = index.toString(16).padStart(4, '0');
  const station = (name: string): string =>
    name.replace(/^s(\d)$/, `02:ca:5e:${number.slice(0, 2)}:${number.slice(2)}:0$1`);
  return frame({ payload: `ca5e${number}`, ...rest, from: station(from), to: station(to) });
}

const STEPS_AT_MOST = Math.max(...CASES.map(({ steps }) => steps.length));

/** Takes the steps of all cases. @returns the frames that each host received, first to last. */
async function takeSteps(hosts: readonly Host[]): Promise<string[][]> {
  const captures = await Promise.all(hosts.map((host) => host.capture()));
  let turn = 0;
  for (let step = 0; step < STEPS_AT_MOST; step++) {
    for (const [index, name] of HOSTS.entries()) {
      const frames = CASES.flatMap(({ steps }, number) => {
        const taken = steps[step];
        return taken?.at === name ? [frameOf(number, taken)] : [];
      });
      const end = marker(SENDER, ++turn);
      await hosts[index]?.send(...frames, end);
      const others = captures.filter((_, other) => other !== index);
      await Promise.all(others.map((capture) => capture.has(end)));
    }
  }
  await Promise.all(captures.map((capture) => capture.stop()));
  return captures.map((capture) => capture.frames);
}

/** A station to which no frame is sent, so that its port does not matter. */
const SENDER = '02:00:00:00:ee:ee';

/** The hosts that received the frame of the case's last step, as in `reaches`, with the frame. */
function outcome(received: readonly string[][], index: number): { reaches: string; frame: string } {
  const last = CASES[index]?.steps.at(-1) as Step;
  const sent = frameOf(index, last);
  const arrivals = HOSTS.flatMap((name, host) =>
    (received[host] ?? []).filter((frame) => frame === sent).map(() => name),
  );
  return { reaches: arrivals.join(''), frame: sent };
}

/** Starts a switch with three hosts. The port of the first has an MTU of 1600. */
type Connect = (lab: Lab) => Promise<readonly Host[]>;

const byTaps: Connect = async (lab) => {
  const hosts = await lab.hosts(3, { isQuiet: true });
  await lab.connect(hosts, '--mac', SWITCH_MAC);
  await hosts[0].ip(`link set ${INTERFACE} mtu 1600`);
  return hosts;
};

/** @param keys of each port, with a comma in front */
const byInterfaces =
  (keys: string): Connect =>
  async (lab) => {
    const namespace = await lab.host({ isQuiet: true });
    const hosts = await lab.hosts(3, { isQuiet: true });
    await joinByVeth(namespace, hosts);
    await namespace.ip(`link set ${nearEndOf(hosts[0])} mtu 1600`);
    await hosts[0].ip(`link set ${INTERFACE} mtu 1600`);
    const ports = nicPortsOf(namespace, hosts, keys);
    const running = await lab.startSwitch('--mac', SWITCH_MAC, ...ports);
    // The kernel reports a carrier up to a second late.
    const isUp = async () => (await running.tables()).ports.every(({ STATE }) => STATE === 'up');
    await until(isUp, 'every port is up');
    return hosts;
  };

const SWITCHES: readonly { what: string; connect: Connect; isOrdered: boolean }[] = [
  { what: 'TAPs', connect: byTaps, isOrdered: true },
  { what: 'interfaces, fast=off', connect: byInterfaces(',fast=off'), isOrdered: true },
  // Frames of different stations have no order among each other.
  { what: 'interfaces', connect: byInterfaces(''), isOrdered: false },
];

let kernel: string[][] = [];
const kernelLab = new Lab();
beforeAll(async () => {
  const namespace = await kernelLab.host({ isQuiet: true });
  const hosts = await kernelLab.hosts(3, { isQuiet: true });
  await connectByKernelBridge(namespace, hosts, SWITCH_MAC);
  await namespace.ip('link set port0 mtu 1600');
  await hosts[0].ip(`link set ${INTERFACE} mtu 1600`);
  kernel = await takeSteps(hosts);
});
afterAll(() => kernelLab.clear());

describeNetns.each(SWITCHES)('the same frame through the kernel bridge and $what', (the) => {
  const lab = new Lab();
  let ours: string[][] = [];
  beforeAll(async () => {
    ours = await takeSteps(await the.connect(lab));
  });
  afterAll(() => lab.clear());

  test.each(CASES.map((item, index) => ({ ...item, index })))('$name', (item) => {
    expect(outcome(ours, item.index).reaches).toBe(item.reaches);
    expect(outcome(kernel, item.index).reaches).toBe(item.kernel ?? item.reaches);
  });

  test('no other frame arrives', () => {
    const departures = CASES.flatMap(({ kernel: differs, steps }, index) =>
      differs === undefined ? [] : [frameOf(index, steps.at(-1) as Step)],
    );
    const common = kernel.map((frames) => frames.filter((frame) => !departures.includes(frame)));
    const inOrder = (frames: string[]): string[] => (the.isOrdered ? frames : [...frames].sort());
    // The switch sends a probe for a loop after a frame with its own MAC as the source.
    const unasked = ours.map((frames) => frames.filter((frame) => !LOOP_PROBE.test(frame)));
    expect(unasked.map(inOrder)).toEqual(common.map(inOrder));
  });
});
