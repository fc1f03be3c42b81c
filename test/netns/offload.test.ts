/**
 * Software segmentation against the kernel's: the same super-frame goes through `segmentTo` and
 * through a Linux bridge to a TAP without offloads. The results must agree in every byte.
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toHex } from '../support/room-harness';
import { segment } from '../support/segmenter';
import {
  type Bytes,
  buildSuperFrame,
  type SuperFrame,
  TCP_FLAG,
  vnetHeader,
} from '../support/super-frame';
import { superFrame } from '../support/super-frame-arbitrary';
import { describeNetns } from './describe-netns';

interface KernelAnswer {
  readonly errno: string | null;
  readonly frames: readonly string[];
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Milliseconds after which a missing marker ends the test. */
const MAX_RUN_MS = 60_000;

/** Runs in a namespace that ends with the process. */
function askKernel(inputs: readonly Bytes[]): KernelAnswer[] {
  const lines = inputs.map(({ vnet, frame }) => `${toHex(vnet)} ${toHex(frame)}\n`);
  const helper = join(__dirname, 'offload-kernel.py');
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', 'python3', helper], {
    input: lines.join(''),
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
    timeout: MAX_RUN_MS,
  });
  if (status !== 0) throw new Error(`offload-kernel.py: exit ${status}: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as KernelAnswer);
}

const tcp4: SuperFrame = {
  ipVersion: 4,
  transport: 'tcp',
  payloadBytes: 5000,
  gsoSizeBytes: 1448,
  tcpOptions: [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2],
};
const tcp6: SuperFrame = { ...tcp4, ipVersion: 6, gsoSizeBytes: 1428 };
const udp4: SuperFrame = { ...tcp4, transport: 'udp', gsoSizeBytes: 1472 };
const udp6: SuperFrame = { ...udp4, ipVersion: 6, gsoSizeBytes: 1452 };

const CASES: readonly (readonly [string, SuperFrame])[] = (
  [
    ['TCP over IPv4', tcp4],
    ['TCP over IPv6', tcp6],
    ['UDP over IPv4', udp4],
    ['UDP over IPv6', udp6],
  ] as const
).flatMap(([name, spec]) => [
  [`${name}`, spec] as const,
  [`${name}, a whole number of segments`, { ...spec, payloadBytes: spec.gsoSizeBytes * 4 }],
  [`${name}, one byte more`, { ...spec, payloadBytes: spec.gsoSizeBytes + 1 }],
  [`${name}, odd segments`, { ...spec, gsoSizeBytes: 333, payloadBytes: 1001 }],
  [`${name}, 64 KiB`, { ...spec, payloadBytes: 65_535 - 120 }],
  [`${name}, one tag`, { ...spec, tags: [[0x8100, 0x2005]] as const }],
  [
    `${name}, a service tag and a tag`,
    {
      ...spec,
      tags: [
        [0x88a8, 0x0064],
        [0x8100, 0xe005],
      ] as const,
    },
  ],
]);

const PARTICULAR: readonly (readonly [string, SuperFrame])[] = [
  ['TCP with FIN and PSH', { ...tcp4, tcpFlags: TCP_FLAG.ack | TCP_FLAG.fin | TCP_FLAG.psh }],
  ['TCP with CWR and ECE', { ...tcp6, tcpFlags: TCP_FLAG.ack | TCP_FLAG.cwr | TCP_FLAG.ece }],
  ['TCP with every flag', { ...tcp4, tcpFlags: 0xff, trafficClass: 2 }],
  ['TCP without options', { ...tcp4, tcpOptions: [], gsoSizeBytes: 1460 }],
  ['TCP with forty bytes of options', { ...tcp6, tcpOptions: Array<number>(40).fill(1) }],
  ['a sequence number that wraps', { ...tcp4, sequence: 0xffff_fff0 }],
  ['an identification that wraps', { ...tcp4, identification: 0xffff, dontFragment: false }],
  ['an identification that counts in spite of DF', { ...udp4, identification: 7 }],
  ['IPv4 options', { ...tcp4, ipv4Options: [0x94, 4, 0, 0, 1, 1, 1, 1] }],
  [
    'IPv6 hop-by-hop and destination options',
    {
      ...tcp6,
      ipv6Extensions: [
        { type: 0, body: [1, 4, 0, 0, 0, 0] },
        { type: 60, body: [1, 12, ...Array<number>(12).fill(0)] },
      ],
    },
  ],
  [
    'an IPv6 routing header, whose last address the pseudo header has',
    {
      ...tcp6,
      ipv6Extensions: [
        {
          type: 43,
          body: [2, 1, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8, ...Array<number>(12).fill(9)],
        },
      ],
      finalDestination: [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(12).fill(9)],
    },
  ],
  ['TCP whose checksum nobody began', { ...tcp4, needsChecksum: false }],
  ['TCP over IPv6 whose checksum nobody began', { ...tcp6, needsChecksum: false }],
];

/** Random super-frames that Linux accepts (more than one segment), the same at every run. */
const SAMPLES: readonly (readonly [string, SuperFrame])[] = fc
  .sample(
    superFrame.filter(
      (spec) =>
        (spec.payloadBytes ?? 0) > spec.gsoSizeBytes &&
        (spec.needsChecksum === true || spec.transport === 'tcp'),
    ),
    { seed: 1, numRuns: 100 },
  )
  .map((spec, index) => [`sample ${index}`, spec] as const);

/** Ordinary frames whose checksum must be completed. */
const OPEN: readonly (readonly [string, Bytes])[] = [
  ['TCP', open({ ...tcp4, payloadBytes: 1000 })],
  ['TCP over IPv6, odd', open({ ...tcp6, payloadBytes: 999 })],
  ['UDP, odd, behind a tag', open({ ...udp4, payloadBytes: 7, tags: [[0x8100, 5]] })],
  ['UDP over IPv6 without a payload', open({ ...udp6, payloadBytes: 0 })],
  ['a range that begins at an odd place', open({ ...udp4, payloadBytes: 64 }, 55, 6)],
  ['a range that ends with its checksum', open({ ...udp4, payloadBytes: 64 }, 104, 0)],
];

function open(spec: SuperFrame, csumStart?: number, csumOffset?: number): Bytes {
  const { vnet, frame } = buildSuperFrame(spec);
  const header = new DataView(vnet.buffer);
  const fields = {
    flags: 1,
    csumStart: csumStart ?? header.getUint16(6, true),
    csumOffset: csumOffset ?? header.getUint16(8, true),
  };
  return { vnet: vnetHeader(fields), frame };
}

/** Frames that both refuse. */
const REFUSED: readonly (readonly [string, Bytes])[] = [
  ['a gso_size of zero', patched(tcp4, { 4: 0, 5: 0 })],
  ['TCP over IPv6 in IPv4', patched(tcp4, { 1: 4 })],
  ['TCP over IPv4 in IPv6', patched(tcp6, { 1: 1 })],
  ['UDP datagrams of TCP', patched(tcp4, { 1: 5 })],
  ['an unknown kind', patched(tcp4, { 1: 2 })],
  ['a checksum that begins elsewhere', patched(tcp4, { 6: 38 })],
  ['a checksum that lies elsewhere', patched(tcp4, { 8: 6 })],
  ['a checksum behind the end', patched(tcp4, { 6: 0xff, 7: 0x7f })],
  ['a TCP header of four words', patched(tcp4, { 56: 0x40 })],
  ['an IP header of four words', patched(tcp4, { 24: 0x44 })],
  ['129 datagrams', buildSuperFrame({ ...udp4, payloadBytes: 129, gsoSizeBytes: 1 })],
  [
    'eight VLAN tags',
    buildSuperFrame({ ...tcp4, tags: Array<readonly [number, number]>(8).fill([0x8100, 1]) }),
  ],
];

/** @param patches byte → value; 0 to 9 lie in the vnet header, the frame begins at 10 */
function patched(spec: SuperFrame, patches: Readonly<Record<number, number>>): Bytes {
  const { vnet, frame } = buildSuperFrame(spec);
  const bytes = Uint8Array.of(...vnet, ...frame);
  for (const [at, value] of Object.entries(patches)) bytes[Number(at)] = value;
  return { vnet: bytes.slice(0, vnet.length), frame: bytes.slice(vnet.length) };
}

describeNetns('segmentTo and the kernel', () => {
  const whole = [...CASES, ...PARTICULAR, ...SAMPLES].map(
    ([name, spec]) => [name, buildSuperFrame(spec)] as const,
  );
  const answers = new Map<Bytes, KernelAnswer>();
  beforeAll(() => {
    const inputs = [...whole, ...OPEN, ...REFUSED].map(([, input]) => input);
    askKernel(inputs).forEach((answer, index) => answers.set(inputs[index] as Bytes, answer));
  });

  test.each(whole)('cut alike: %s', (_, input) => {
    const { frames } = segment(input);
    expect(frames.length).toBeGreaterThan(1);
    expect(answers.get(input)).toEqual({ errno: null, frames });
  });

  test.each(OPEN)('complete alike: %s', (_, input) => {
    const { frames } = segment(input);
    expect(frames.length).toBe(1);
    expect(answers.get(input)).toEqual({ errno: null, frames });
  });

  test.each(REFUSED)('refuse alike: %s', (_, input) => {
    expect(segment(input).accepted).toBe(false);
    expect(answers.get(input)?.frames).toEqual([]);
  });
});
