/** The programs in examples/, each run with the command in its head. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { asCloneOwner } from './support/clone-owner';
import { Background, type Command, run } from './support/command';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { until } from './support/until';

const CLONE = join(__dirname, '../..');

function example(program: string, ...args: string[]): Command {
  return [process.execPath, join(CLONE, 'examples', program), ...args];
}

/** Waits until the program has printed a text. */
async function printed(program: Background, text: string): Promise<void> {
  await until(
    () => {
      if (!program.isRunning) throw new Error(`it has ended: ${program.stderr}`);
      return program.stdout.includes(text);
    },
    () => `${text}: ${program.stdout}`,
  );
}

describeNetns('examples', () => {
  const lab = new Lab();
  let host: Host;
  beforeEach(async () => {
    host = await lab.host();
  });
  afterEach(() => lab.clear());

  test('tunclient prints the length of every packet', async () => {
    await host.ip('tuntap add tun77 mode tun user nobody');
    await host.ip('address add 192.0.2.1/24 dev tun77');
    await host.ip('link set tun77 up');
    const client = host.start(example('tunclient.mjs', 'tun77'));
    await printed(client, 'Attached to tun77');
    expect((await host.ping('192.0.2.2', '-c', '3', '-i', '0.1', '-W', '1')).received).toBe(0);
    await until(
      () => client.stdout.match(/^Read 84 bytes from device tun77$/gm)?.length === 3,
      () => `three requests: ${client.stdout}`,
    );
    expect(client.stderr).toBe('');
  });

  test('tunclient does not make a device', async () => {
    const { status, stderr } = await host.run(example('tunclient.mjs', 'tun77'));
    expect(stderr).toBe(
      'tunclient: tun77: there is no TUN device of this name (ENODEV); ' +
        'make one: sudo ip tuntap add tun77 mode tun\n',
    );
    expect(status).toBe(1);
  });

  test('tun-ping answers for every address behind it', async () => {
    const addresses = ['192.0.2.1/24', '2001:db8::1/64'];
    await printed(host.start(example('tun-ping.mjs', 'tun0', ...addresses)), 'Answering');
    for (const address of ['192.0.2.2', '192.0.2.77', '2001:db8::2', '2001:db8::77']) {
      for (const size of [0, 1, 56, 1400]) {
        const counts = await host.floodPings(address, 20, size);
        expect({ address, size, ...counts }).toEqual({ address, size, sent: 20, received: 20 });
      }
    }
  });

  test('tap-ping answers ARP and ping for its address, and for no other', async () => {
    const command = example('tap-ping.mjs', 'tap0', '192.0.2.1/24', '192.0.2.2');
    await printed(host.start(command), 'Answering');
    expect(await host.floodPings('192.0.2.2', 100)).toEqual({ sent: 100, received: 100 });
    expect(await host.ip('neigh show 192.0.2.2')).toContain('02:00:00:00:00:02');
    expect(await host.reaches('192.0.2.3')).toBe(false);
  });

  test.each([
    ['-u', 'tun0'],
    ['-a', 'tap0'],
  ])('tunnel %s carries ping and iperf3 between two hosts', async (mode, device) => {
    const other = await lab.host();
    const [here, there] = ['198.51.100.1', '198.51.100.2'];
    await host.ip(`link add veth0 type veth peer name veth0 netns ${other.netns}`);
    for (const [end, address] of [
      [host, here],
      [other, there],
    ] as const) {
      await end.ip(`address add ${address}/24 dev veth0`);
      await end.ip('link set veth0 up');
    }
    const server = host.start(example('tunnel.mjs', '-i', device, '-s', '-p', '5555', mode));
    await printed(server, 'Listening on port 5555');
    const client = other.start(
      example('tunnel.mjs', '-i', device, '-c', here, '-p', '5555', mode, '-d'),
    );
    await printed(client, 'Connected');
    await host.ip(`address add 192.0.2.1/24 dev ${device}`);
    await other.ip(`address add 192.0.2.2/24 dev ${device}`);

    expect(await host.floodPings('192.0.2.2', 50)).toEqual({ sent: 50, received: 50 });
    await printed(client, mode === '-u' ? '84 bytes from' : '98 bytes from');
    await carriesTcp(host, other);

    await client.stop();
    expect(await server.finished).toMatchObject({ status: 0, stderr: '' });
  });

  test('dhcp-server gives a client an address, the same again, and another to another client', async () => {
    const other = await lab.host();
    const program = example('dhcp-server.mjs', '192.0.2.1', host.port(), other.port());
    const server = new Background(program);
    try {
      await printed(server, 'Serving addresses from 192.0.2.10 on');
      expect(await leaseOf(host)).toBe('192.0.2.10');
      expect(await leaseOf(other)).toBe('192.0.2.11');
      expect(await leaseOf(host)).toBe('192.0.2.10');
      expect(await leaseOf(host, '-r', '192.0.2.99')).toBe('192.0.2.10');
    } finally {
      await server.stop();
    }
    expect(await server.finished).toMatchObject({ status: 0, stderr: '' });
  });

  test('tunnel prints its usage', async () => {
    const { status, stderr } = await host.run(example('tunnel.mjs', '-i', 'tun0'));
    expect(stderr).toBe(
      'tunnel: usage: tunnel.mjs -i NAME (-s | -c HOST) [-p PORT] [-u | -a] [-d]\n',
    );
    expect(status).toBe(1);
  });

  test.each([
    ['bridge-in-a-test.test.js', /Tests: +2 passed, 2 total/],
    ['testing.jest.test.js', /Tests: +1 passed, 1 total/],
    ['testing.node.mjs', /^# pass 2\n# fail 0$/m],
    ['testing.vitest.test.mjs', /Tests +1 passed \(1\)/],
  ])('%s passes, by the command in its head', async (program, verdict) => {
    const [, command = ''] =
      /^\/\/ {5}(.*)$/m.exec(readFileSync(join(CLONE, 'examples', program), 'utf8')) ?? [];
    const asOwner = [...asCloneOwner(), 'sh', '-c', command];
    const { status, stderr, stdout } = await run(asOwner, { env: { NO_COLOR: '1' } });
    expect(stdout + stderr).toMatch(verdict);
    expect(status).toBe(0);
  });
});

/** @returns the address that a DHCP client in the host gets */
async function leaseOf(client: Host, ...options: string[]): Promise<string | undefined> {
  const script = ['-s', join(__dirname, 'support/print-lease.sh')];
  const udhcpc = ['udhcpc', '-f', '-q', '-n', '-i', 'eth0', '-t', '5', '-T', '1', ...script];
  const said = await client.mustRun([...udhcpc, ...options]);
  return /^lease (.*)$/m.exec(said)?.[1];
}

async function carriesTcp(client: Host, server: Host): Promise<void> {
  const listening = server.start(['iperf3', '--server', '--one-off']);
  await until(
    async () => (await server.run(['ss', '-ltnH', 'sport', '=', ':5201'])).stdout !== '',
    'iperf3 listens',
  );
  const options = ['--client', '192.0.2.2', '--time', '1', '--json'];
  const { end } = JSON.parse(await client.mustRun(['iperf3', ...options])) as {
    end: { sum_received: { bytes: number } };
  };
  expect(end.sum_received.bytes).toBeGreaterThan(1_000_000);
  await listening.finished;
}
