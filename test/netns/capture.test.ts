/** Captures of a running switch, read by tshark. */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { mustRun } from './support/command';
import { ControlClient } from './support/control-client';
import { BROADCAST, frame, marker } from './support/frame';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const FIELDS = ['frame.interface_name', 'frame.packet_flags_direction', 'frame.len', 'eth.src'];

interface Captured {
  readonly port: string;
  readonly direction: string;
  readonly lengthBytes: number;
  readonly source: string;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

describeNetns('a capture', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-capture-'));
  const control = join(folder, 'control.sock');
  const api = new ControlClient(control);
  const tapctl = new Tapctl(control);
  let a: Host;
  let b: Host;
  let fileCount = 0;
  /** What the last capture said on standard error. */
  let lastWords = '';

  beforeAll(async () => {
    [a, b] = await lab.hosts(2, { isQuiet: true });
    await lab.connect([a, b], '--control', control);
  });
  afterAll(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  /** Captures during an action, until a marker frame of host a is captured. */
  const captureOf = async (words: string, work: () => Promise<unknown>): Promise<string> => {
    const file = join(folder, `${fileCount++}.pcapng`);
    const capture = lab.start(
      tapctl.command('capture', '-w', file, ...words.split(' ').filter(Boolean)),
    );
    await until(() => sizeOf(file) > 0, 'the beginning of a capture');
    await work();
    // Captured frames may still be on their way: the file is complete when it stops growing.
    await until(async () => {
      const before = sizeOf(file);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return sizeOf(file) === before;
    }, 'the end of a capture');
    await capture.stop('SIGINT');
    lastWords = capture.stderr;
    return file;
  };
  const read = async (file: string): Promise<Captured[]> => {
    const output = await mustRun([
      ...['tshark', '-r', file, '-T', 'fields', '-E', 'separator=|'],
      ...FIELDS.flatMap((field) => ['-e', field]),
    ]);
    return output
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [port = '', direction = '', length = '', source = ''] = line.split('|');
        return { port, direction, lengthBytes: Number(length), source };
      });
  };

  const IN = '0x00000001';
  const OUT = '0x00000002';

  test('has every received and sent frame, under the names of the ports', async () => {
    const stats = async () => {
      const { body } = await api.get('/v1/stats');
      return (body as { total: { counters: Record<string, number> } }).total.counters;
    };
    const before = await stats();
    const file = await captureOf('', () => a.send(`${frame({ from: a.mac, to: BROADCAST })} 500`));
    const after = await stats();
    const frames = await read(file);
    const count = (port: Host, direction: string): number =>
      frames.filter((one) => one.port === port.label && one.direction === direction).length;
    expect(count(a, IN)).toBe((after['rx-frames'] ?? 0) - (before['rx-frames'] ?? 0));
    expect(count(b, OUT)).toBe((after['tx-frames'] ?? 0) - (before['tx-frames'] ?? 0));
    expect(count(a, IN)).toBe(500);
    expect(frames).toHaveLength(1000);
    expect(lastWords).toBe('1000 frames written, 0 lost\n');
    expect(await mustRun(['capinfos', '-T', '-c', '-r', file])).toMatch(/\t1000$/m);
  });

  test('can be limited to one port, one direction and a filter', async () => {
    const file = await captureOf(`${a.label} --direction in --snaplen 20`, () =>
      a.send(marker(a.mac, 1), frame({ from: a.mac, to: BROADCAST, lengthBytes: 100 })),
    );
    expect(await read(file)).toEqual([
      { port: a.label, direction: IN, lengthBytes: 60, source: a.mac },
      { port: a.label, direction: IN, lengthBytes: 100, source: a.mac },
    ]);
    const out = await mustRun(['tshark', '-r', file, '-T', 'fields', '-e', 'frame.cap_len']);
    expect(out).toBe('20\n20\n');

    const filtered = lab.start(
      tapctl.command('capture', '-c', '3', '-s', '20', '--filter', 'ether proto 0x88b6 && !ip'),
    );
    await until(() => filtered.stdoutBytes.length > 0, 'a capture');
    await a.send(`${frame({ from: a.mac, to: BROADCAST })} 10`, `${marker(a.mac, 2)} 2`);
    const { status, stderr } = await filtered.finished;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '3 frames written, 0 lost\n' });
    expect(filtered.stdoutBytes.includes(Buffer.from('88b6', 'hex'))).toBe(true);
    expect(filtered.stdoutBytes.includes(Buffer.from('88b5', 'hex'))).toBe(false);
  });

  test('has timestamps of the present', async () => {
    const startS = Date.now() / 1000;
    const file = await captureOf('', () => a.send(marker(a.mac, 3)));
    const epochs = await mustRun(['tshark', '-r', file, '-T', 'fields', '-e', 'frame.time_epoch']);
    for (const epoch of epochs.trim().split('\n').map(Number)) {
      expect(epoch).toBeGreaterThan(startS - 1);
      expect(epoch).toBeLessThan(Date.now() / 1000 + 1);
    }
  });

  test('whose reader never reads costs no frame, and ends with its reader', async () => {
    const sleeper = await api.readNoFurther('/v1/capture');
    const count = 20_000;
    const before = await api.get('/v1/stats');
    await a.send(`${frame({ from: a.mac, to: BROADCAST, lengthBytes: 1500 })} ${count}`);
    const after = await api.get('/v1/stats');
    const received = ({ body }: typeof before): number =>
      (body as { total: { counters: Record<string, number> } }).total.counters['rx-frames'] ?? 0;
    expect(received(after) - received(before)).toBe(count);
    sleeper.destroy();
  });

  test.each([
    ['--filter nonsense', /^tapctl: filter: word 1, "nonsense": expected one of arp/],
    ['--snaplen x', /^tapctl: snaplen: expected a whole number of bytes/],
    ['--direction up', /^tapctl: direction: expected in, out or both/],
  ])('is refused: %s', async (words, reason) => {
    const { status, stderr } = await tapctl.run(`capture ${words}`);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(reason) });
  });

  test('into a file that cannot be written is refused, and ends', async () => {
    expect(await tapctl.run(`capture -w ${folder}/none/file`)).toMatchObject({
      status: 1,
      stderr: `tapctl: ${folder}/none/file: no such file or directory (ENOENT); choose another --write\n`,
    });
  });

  test('of a port that does not exist is refused', async () => {
    expect(await tapctl.run('capture tap9')).toMatchObject({ status: 1 });
  });

  test("has the port's name, whatever the interface is called now", async () => {
    const kernelName = async (): Promise<unknown> =>
      ((await api.get(`/v1/ports/${a.label}`)).body as { kernelName?: string }).kernelName;
    await a.ip(`link set ${INTERFACE} name wan0`);
    try {
      await until(async () => (await kernelName()) === 'wan0', 'the new name');
      const file = await captureOf('', () => b.send(marker(b.mac, 4)));
      const out = (await read(file)).filter(({ direction }) => direction === OUT);
      expect(out.map(({ port }) => port)).toEqual([a.label]);
    } finally {
      await a.ip(`link set wan0 name ${INTERFACE}`);
    }
  });
});
