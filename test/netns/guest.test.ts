/** A real guest: Debian's kernel in QEMU, whose TAP the switch has taken. */

import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { initramfs } from './support/initramfs';
import { Lab } from './support/lab';
import { until } from './support/until';

/** Kernel and programs that scripts/unpacked.mjs provides. */
const KERNEL_FOLDER = join(__dirname, '../../build/guest-kernel');
const BUSYBOX = join(__dirname, '../../build/busybox');
const describeWithKernel =
  existsSync(KERNEL_FOLDER) && existsSync(BUSYBOX) ? describeNetns : describe.skip;

const TAP = 'tap7';
const MAC = '02:00:00:00:00:07';
const HOST = '198.51.100.1';
const FILE_BYTES = 10_000_000;
/** Milliseconds. TCG boots in some seconds, and a busy machine needs several times as long. */
const BOOT_PATIENCE_MS = 120_000;

/** First program of the guest. Modules depend on each other, so that it tries to load each of them three times. */
const INIT = `#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
for round in 1 2 3; do
  for module in /*.ko; do insmod $module 2>/dev/null; done
done
ip link set eth0 up
udhcpc -i eth0 -n -q -t 10 -s /lease
wget -q -O /file http://${HOST}:8080/file
echo "hash $(sha256sum < /file)"
poweroff -f
`;
const LEASE = `#!/bin/busybox sh
[ "$1" = bound ] && ip address add $ip/$mask dev $interface && echo "lease $ip"
exit 0
`;

function guestFiles(): Buffer {
  const program = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });
  const modules = readdirSync(KERNEL_FOLDER).filter((name) =>
    /^(virtio(_pci.*|_ring|_net)?|.*failover)\.ko$/.test(name),
  );
  return initramfs([
    ...['bin', 'proc', 'sys'].map((path) => ({ path })),
    { path: 'bin/busybox', bytes: readFileSync(BUSYBOX) },
    ...modules.map((path) => ({ path, bytes: readFileSync(join(KERNEL_FOLDER, path)) })),
    program('init', INIT),
    program('lease', LEASE),
  ]);
}

describeWithKernel('a guest in QEMU', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-guest-'));
  afterEach(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  test(
    'gets an address from dnsmasq on the leg, and downloads 10 MB',
    async () => {
      const namespace = await lab.host({ isQuiet: true });
      await namespace.ip(`tuntap add ${TAP} mode tap`);
      await namespace.ip(`link set ${TAP} up`);
      const running = await lab.startSwitchIn(
        namespace,
        '--inspect',
        `br0,address=${HOST}/24`,
        `nic:${TAP}`,
      );
      expect((await running.port(`nic:${TAP}`))['STATE']).toBe('down');

      const file = randomBytes(FILE_BYTES);
      writeFileSync(join(folder, 'file'), file);
      writeFileSync(join(folder, 'initrd'), guestFiles());
      namespace.start([
        ...[
          'dnsmasq',
          '--keep-in-foreground',
          '--conf-file=/dev/null',
          '--port=0',
          '--interface=br0',
        ],
        ...['--bind-interfaces', '--no-ping', '--dhcp-range=198.51.100.10,198.51.100.99,1h'],
        ...[`--dhcp-leasefile=${join(folder, 'leases')}`, '--pid-file='],
      ]);
      namespace.start([
        '/usr/bin/python3',
        '-m',
        'http.server',
        '--bind',
        HOST,
        '--directory',
        folder,
        '8080',
      ]);
      const isListening = async () =>
        /:8080 [^]*:67 |:67 [^]*:8080 /.test(await namespace.mustRun(['ss', '-ltun']));
      await until(isListening, 'both servers listen');

      const kernel = readdirSync(KERNEL_FOLDER).find((name) => name.startsWith('vmlinuz')) ?? '';
      const guest = namespace.start([
        ...[
          'qemu-system-x86_64',
          '-nodefaults',
          '-no-reboot',
          '-display',
          'none',
          '-serial',
          'stdio',
        ],
        ...['-M', 'q35', '-accel', 'tcg', '-m', '256', '-append', 'console=ttyS0 quiet panic=-1'],
        ...['-kernel', join(KERNEL_FOLDER, kernel), '-initrd', join(folder, 'initrd')],
        ...['-netdev', `tap,id=net0,ifname=${TAP},script=no,downscript=no`],
        ...['-device', `virtio-net-pci,netdev=net0,mac=${MAC},romfile=`],
      ]);
      await running.logged('port is up', `nic:${TAP}`, 1, BOOT_PATIENCE_MS);
      const printed = await until(
        () => /hash (\w{64})/.exec(guest.stdout)?.[1],
        () => `the guest has the file: ${guest.stdout}${guest.stderr}`,
        BOOT_PATIENCE_MS,
      );
      expect(printed).toBe(createHash('sha256').update(file).digest('hex'));
      expect(guest.stdout).toMatch(/lease 198\.51\.100\.\d+/);
      const learnt = { message: 'station learn', mac: MAC, port: `nic:${TAP}` };
      expect(running.log).toContainEqual(expect.objectContaining(learnt));
      await guest.finished;
      await running.logged('port is down', `nic:${TAP}`);
    },
    2 * BOOT_PATIENCE_MS,
  );
});
