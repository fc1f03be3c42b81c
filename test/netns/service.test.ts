/** The switch as a service: as a plain user with the fewest capabilities, under a service manager. */

import {
  chownSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { mustRun } from './support/command';
import { settle } from './support/fast-bench';
import { type Host, python } from './support/host';
import { Lab } from './support/lab';
import { untilReady } from './support/ready-program';
import { SwitchProcess, switchCommand } from './support/switch-process';
import { until } from './support/until';
import { joinByVeth, nearEndOf, nicPortsOf } from './support/veth';

const NOBODY = 65534;
/** capabilities(7) */
const CAP_NET_ADMIN = 1n << 12n;
const CAP_SYS_ADMIN = 1n << 21n;
const CAP_SYS_RESOURCE = 1n << 24n;

/** linux/seccomp.h */
const SECCOMP_MODE_FILTER = '2';
const EPERM = 1;

/** A machine on which /dev/net/tun has a mode. Namespaces that get a name later have it there, too. */
const withTun = (mode: string): string[] => [
  ...['unshare', '--mount', '--propagation', 'slave', 'sh', '-c'],
  `mount -t tmpfs none /dev/net && mknod -m ${mode} /dev/net/tun c 10 200 && exec "$@"`,
  'sh',
];
/** Every user may open it, as by udev's default. */
const WITH_OPEN_TUN = withTun('666');

function statusOf(path: string): Readonly<Record<string, string>> {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/:\s*/, 2) as [string, string]));
}

/**
 * Expects that every thread belongs to the user and can gain no privilege. Only the main thread and the
 * thread that enters namespaces have capabilities.
 */
function expectPlainUser(pid: number, kept: bigint): void {
  const tasks = readdirSync(`/proc/${pid}/task`).map(Number);
  // The threads are those of the data plane, of Node and of V8.
  expect(tasks.length).toBeGreaterThan(5);
  for (const task of tasks) {
    const status = statusOf(`/proc/${pid}/task/${task}/status`);
    const capabilities = (set: string): bigint => BigInt(`0x${status[set]}`);
    const keptHere = task === pid || status['Name'] === 'netns' ? kept : 0n;
    expect({
      user: status['Uid'],
      group: status['Gid'],
      effective: capabilities('CapEff'),
      permitted: capabilities('CapPrm'),
      bounding: capabilities('CapBnd'),
      inheritable: capabilities('CapInh'),
      ambient: capabilities('CapAmb'),
      noNewPrivs: status['NoNewPrivs'],
      seccomp: status['Seccomp'],
    }).toEqual({
      user: Array(4).fill(NOBODY).join('\t'),
      group: Array(4).fill(NOBODY).join('\t'),
      effective: keptHere,
      permitted: keptHere,
      bounding: keptHere,
      inheritable: 0n,
      ambient: 0n,
      noNewPrivs: '1',
      seccomp: SECCOMP_MODE_FILTER,
    });
  }
}

// Each as NAME NUMBER [ARGUMENT]...: the numbers are those of x86-64.
const REFUSED_CALLS = [
  ...['execve 59', 'execveat 322', 'fork 57', 'vfork 58', 'clone 56 0x11', 'unshare 272'],
  ...['ptrace 101', 'process_vm_readv 310', 'process_vm_writev 311', 'kcmp 312'],
  ...['mount 165', 'umount2 166', 'pivot_root 155', 'chroot 161', 'move_mount 429', 'fsopen 430'],
  ...['open_by_handle_at 304', 'swapon 167', 'init_module 175', 'finit_module 313'],
  ...['kexec_load 246', 'kexec_file_load 320', 'bpf 321', 'reboot 169', 'settimeofday 164'],
  ...['clock_settime 227', 'sethostname 170', 'acct 163', 'syslog 103', 'iopl 172', 'ioperm 173'],
  ...['perf_event_open 298', 'userfaultfd 323', 'add_key 248', 'request_key 249', 'keyctl 250'],
  ...['fanotify_init 300', 'mknod 133', 'mknodat 259', 'io_uring_setup 425'],
  ...['setns 308 5 0', 'setns 308 5 0x10000000', 'socket 41 17 3 0', 'socket 41 38 5 0'],
  ...['ioctl 16 0 0x5412', 'ioctl 16 0 0x541c', 'read 0x40000000', 'other-architecture 0'],
];
const ALLOWED_CALLS = [
  ...['read 0', 'write 1', 'io_uring_enter 426', 'futex 202', 'openat 257', 'epoll_wait 232'],
  ...['clone 56 0x10000', 'setns 308 5 0x40000000', 'ioctl 16 0 0x400454ca'],
  ...['socket 41 1 1 0', 'socket 41 2 2 0', 'socket 41 10 2 0', 'socket 41 16 3 0'],
];

// read_filter.py knows the call numbers of x86-64 only.
(process.arch === 'x64' ? describeNetns : describe.skip)('the system call filter', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('can make no system call that a switch never makes', async () => {
    const command = switchCommand('--control', 'none', '--user', 'nobody', 'tswsvc%d');
    const { process } = await SwitchProcess.start(lab.start([...WITH_OPEN_TUN, ...command]));
    const calls = [...REFUSED_CALLS, ...ALLOWED_CALLS];
    const program = python('read_filter.py', String(process.pid));
    const answers = await mustRun(program, { input: calls.join('\n') });
    const nameOf = (call: string): string => call.split(' ', 1)[0] as string;
    expect(answers.trimEnd().split('\n')).toEqual([
      ...REFUSED_CALLS.map((call) => `${nameOf(call)} ${EPERM}`),
      ...ALLOWED_CALLS.map((call) => `${nameOf(call)} allow`),
    ]);
  });
});

describeNetns('as a service', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-service-'));
  const control = join(folder, 'control.sock');
  const api = new ControlClient(control);
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  const startAs = async (user: string, ...ports: string[]): Promise<SwitchProcess> => {
    const options = ['--name', `${folder.slice(-6)}-u`, '--control', control, '--user', user];
    return SwitchProcess.start(
      lab.start([...WITH_OPEN_TUN, ...switchCommand(...options, ...ports)]),
    );
  };

  test('runs as a plain user with the capabilities for adding ports on two threads', async () => {
    const [a, b, c] = await lab.hosts(3);
    const { process } = await startAs('nobody', a.port(), b.port());
    await Promise.all([a.address(), b.address()]);
    expect(await a.reaches(b.ipv4)).toBe(true);

    expectPlainUser(process.pid, CAP_NET_ADMIN | CAP_SYS_ADMIN);
    const socket = statSync(control);
    expect([socket.uid, socket.gid, socket.mode & 0o777]).toEqual([NOBODY, NOBODY, 0o660]);
    expect((await api.post('/v1/ports', c.port())).status).toBe(201);
    await c.address();
    expect(await c.reaches(a.ipv4)).toBe(true);
    await a.ip('link set dev eth0 mtu 1400');
    await until(
      async () => ((await api.get('/v1/ports')).body as { mtu: number }[])[0]?.mtu === 1400,
      'the new MTU',
    );
    expect((await api.get('/metrics')).status).toBe(200);
  });

  test('may return to the normal priority, where root may allow it', async () => {
    const [a] = await lab.hosts(1);
    const { process } = await startAs('nobody', a.port());
    const limitOf = (pid: number | string | undefined): string | undefined =>
      /^Max nice priority +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
    const held = BigInt(`0x${statusOf('/proc/self/status')['CapEff']}`);
    const mayRaise = (held & CAP_SYS_RESOURCE) !== 0n;
    expect(limitOf(process.pid)).toBe(mayRaise ? '20' : limitOf('self'));
  });

  /** @param namespace host in whose namespace the switch runs; the machine's unless given */
  const startInNamespace = (namespace: Host | undefined, tunMode: string, ...ports: string[]) => {
    const options = ['--name', `${folder.slice(-6)}-d`, '--control', control, '--user', 'nobody'];
    const command = [...withTun(tunMode), ...switchCommand(...options, ...ports)];
    return SwitchProcess.start((namespace ?? lab).start(command));
  };
  /** Deletes the far end of each port, and waits until the switch has noticed. */
  const deleteEnds = async (...hosts: Host[]): Promise<void> => {
    await Promise.all(hosts.map((host) => host.ip('link del eth0')));
    await until(
      async () => (await portStates()).every(({ state }) => state === 'gone'),
      'all ports are gone',
    );
  };
  const areBack = (): Promise<unknown> =>
    until(
      async () => (await portStates()).every(({ state }) => state === 'up'),
      'all ports are back',
    );
  /** Starts a switch with a pair and an interface of its own namespace, and deletes both. The interface is made again. */
  const deletedAs = async (tunMode: string) => {
    const [namespace, a, b] = [await lab.host({ isQuiet: true }), ...(await lab.hosts(2))];
    await joinByVeth(namespace, [b]);
    const ports = [`veth:${a.label},address=${a.ipv4}/24`, `nic:${nearEndOf(b)}`];
    const running = await startInNamespace(namespace, tunMode, ...ports);
    await deleteEnds(a, b);
    await joinByVeth(namespace, [b]);
    return { running, a, b };
  };
  const portStates = async () =>
    (await api.get('/v1/ports')).body as { state: string; fast: boolean; problem?: string }[];

  test('takes interfaces that were made again, with their fast path', async () => {
    const { running, a, b } = await deletedAs('666');
    await areBack();
    await settle({ a, b, running });
    expect(running.log.filter(({ message }) => /no fast path/.test(message))).toEqual([]);
    expectPlainUser(running.process.pid, CAP_NET_ADMIN | CAP_SYS_ADMIN);
  });

  test('takes interfaces of another namespace that were made again', async () => {
    const [namespace, a, b] = [await lab.host({ isQuiet: true }), ...(await lab.hosts(2))];
    await joinByVeth(namespace, [a, b]);
    const running = await startInNamespace(undefined, '666', ...nicPortsOf(namespace, [a, b]));
    await settle({ a, b, running });
    await deleteEnds(a, b);
    await joinByVeth(namespace, [a, b]);
    await areBack();
    await settle({ a, b, running });
    // The test now deletes the namespace itself.
    const { netns } = namespace;
    await deleteEnds(a, b);
    await mustRun(['ip', 'netns', 'del', netns]);
    await mustRun(['ip', 'netns', 'add', netns]);
    await joinByVeth(namespace, [a, b]);
    await areBack();
    await settle({ a, b, running });
    await running.stop();
    expect(await namespace.mustRun(['tc', 'qdisc', 'show'])).not.toMatch(/clsact/);
    expect(await namespace.ip('-d link show type veth')).not.toMatch(/promiscuity [1-9]/);
  });

  test('gives interfaces that are added later a fast path, and promiscuous mode', async () => {
    const [namespace, a, b] = [await lab.host({ isQuiet: true }), ...(await lab.hosts(2))];
    await joinByVeth(namespace, [a, b]);
    await namespace.ip('link add card0 type ifb');
    const running = await startInNamespace(namespace, '666', 'tap0');
    for (const name of [nearEndOf(a), nearEndOf(b), 'card0']) {
      expect(await api.post('/v1/ports', `nic:${name}`)).toMatchObject({ status: 201 });
    }
    await settle({ a, b, running });
    expect(await namespace.ip('-d link show card0')).toContain('promiscuity 1');
    expect(running.log.filter(({ message }) => /no fast path/.test(message))).toEqual([]);
    // A port that takes the place of another one has the programs for any port, too.
    const first = encodeURIComponent(`nic:${nearEndOf(a)}`);
    expect((await api.delete(`/v1/ports/${first}`)).status).toBe(204);
    expect((await api.post('/v1/ports', `nic:${nearEndOf(a)}`)).status).toBe(201);
    await settle({ a, b, running });
    await running.stop();
    expect(await namespace.mustRun(['tc', 'qdisc', 'show'])).not.toMatch(/clsact/);
    expect(await namespace.ip('-d link show card0')).toContain('promiscuity 0');
  });

  test('says why it cannot take interfaces that were made again', async () => {
    await deletedAs('600');
    const problem = expect.stringMatching(
      /^may not open .*; restart the switch, which has given up/,
    );
    await until(
      async () => (await portStates()).every(({ problem: words }) => words !== undefined),
      'both ports have a problem',
    );
    expect(await portStates()).toMatchObject([
      { state: 'gone', problem },
      { state: 'gone', problem },
    ]);
  });

  test('keeps no capability to enter namespaces if no port is in one', async () => {
    const [host] = await lab.hosts(1);
    const { process, portLabels } = await startAs('nobody', 'tswsvc%d');
    expectPlainUser(process.pid, CAP_NET_ADMIN);
    expect(portLabels).toEqual([expect.stringMatching(/^tswsvc\d+$/)]);
    expect((await api.post('/v1/ports', 'tswsvc%d')).status).toBe(201);
    const refused = await api.post('/v1/ports', host.port());
    expect(refused).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('EPERM') },
    });
  });

  test('looks up users by name as a plain user, who can start no program', async () => {
    await startAs('nobody', 'tswsvc%d');
    const added = await api.post('/v1/ports', 'tswsvc%d,owner=nobody,group=root');
    expect(added.status).toBe(201);
    const refused = await api.post('/v1/ports', 'tswsvc%d,owner=tsw-nobody');
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('"tsw-nobody"') });
  });

  test('does not follow a link that a user puts in place of its socket', async () => {
    const [host] = await lab.hosts(1);
    const open = mkdtempSync(join(tmpdir(), 'tapswitch-open-'));
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'root only', { mode: 0o600 });
    chownSync(open, NOBODY, NOBODY);
    try {
      const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
      const command = python('swap_for_link.py', open, victim);
      const attacker = await untilReady(lab.start([...asNobody, ...command]));
      const socket = ['--control', join(open, 'c.sock'), '--user', 'nobody'];
      const attacked = lab.start(switchCommand(...socket, host.port()));
      // The switch may start or fail.
      await until(() => !attacked.isRunning || attacked.stdout.startsWith('ready'), 'an outcome');
      await attacked.stop();
      await attacker.stop();
      const { uid, gid, mode } = statSync(victim);
      expect([uid, gid, mode & 0o777]).toEqual([0, 0, 0o600]);
    } finally {
      rmSync(open, { recursive: true });
    }
  });

  test('does not start as a user that does not exist', async () => {
    const [host] = await lab.hosts(1);
    const { finished } = lab.start(
      switchCommand('--control', control, '--user', 'tsw-nobody', host.port()),
    );
    const { status, stderr } = await finished;
    expect(status).toBe(2);
    expect(stderr).toMatch(/^switch: --user: there is no user "tsw-nobody" .*\n$/m);
    expect(await host.ip('link show')).not.toContain('eth0');
  });

  test.each([
    ['of its own user', [], 0],
    ['of another user', ['--user', 'nobody'], NOBODY],
  ])('opens its socket to the members of a group, beside those %s', async (_, options, uid) => {
    const host = await lab.host();
    for (const [group, gid] of [
      ['daemon', 1],
      ['65532', 65_532],
    ] as const) {
      const args = ['--control', control, '--control-group', group, ...options, host.port()];
      const running = await SwitchProcess.start(lab.start(switchCommand(...args)));
      const socket = statSync(control);
      expect([socket.uid, socket.gid, socket.mode & 0o777]).toEqual([uid, gid, 0o660]);
      await running.stop();
      rmSync(control, { force: true });
    }
  });

  test('does not start with a control group that does not exist', async () => {
    const host = await lab.host();
    const file = join(folder, 'group.yaml');
    writeFileSync(file, `control-group: tsw-nobody\nports: ["${host.port()}"]\n`);
    for (const args of [
      ['--control-group', 'tsw-nobody', host.port()],
      ['--config', file],
    ]) {
      const { finished } = lab.start(switchCommand('--control', control, ...args));
      const { status, stderr } = await finished;
      expect(status).toBe(2);
      expect(stderr).toMatch(/^switch: --control-group: there is no group "tsw-nobody" .*\n$/m);
    }
    expect(await host.ip('link show')).not.toContain('eth0');
  });

  test('reports to its manager that it is ready, and that it stops', async () => {
    const [host] = await lab.hosts(1);
    const path = join(folder, 'notify.sock');
    const manager = await untilReady(lab.start(python('receive_notify.py', path)));
    const command = switchCommand('--name', 'tsw-notify', '--control', control, host.port());
    const running = await SwitchProcess.start(
      lab.start(['env', `NOTIFY_SOCKET=${path}`, ...command]),
    );
    await until(
      () => manager.stdout === 'ready\nREADY=1\n',
      () => manager.stdout,
    );
    expect((await running.stop()).status).toBe(0);
    expect(manager.stdout).toBe('ready\nREADY=1\nSTOPPING=1\n');
  });
});
