/**
 * Runs every block of commands in docs/recipes.md. Each recipe has a machine of its own: namespaces of
 * networks, mounts and processes, which end with the recipe.
 */

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { run } from './support/command';

const CLONE = join(__dirname, '../..');

/** The program that scripts/unpacked.mjs provides. */
const SSHD = join(CLONE, 'build/sshd');
/** Recipes that cannot run where a program could not be provided. */
const MISSING = existsSync(SSHD) ? [] : ['SSH as a cable'];

/** The recipes of the page by their headings: the blocks of commands, one after the other. */
function recipesOf(page: string): Map<string, string> {
  const recipes = new Map<string, string>();
  for (const section of page.split(/^## /m).slice(1)) {
    const [heading = ''] = section.split('\n', 1);
    const blocks = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
    if (blocks.length > 0) recipes.set(heading, blocks.join('\n'));
  }
  return recipes;
}

/** A machine: its card has the address 192.0.2.10/24, and in the namespace "far" is the router. */
const MACHINE = `
set -e
mount -t tmpfs none /run
mount -t sysfs none /sys
mkdir /run/netns
ip link set lo up
ip netns add far
ip -n far link set lo up
ip link add eth0 type veth peer name eth0 netns far
ip address add 192.0.2.10/24 dev eth0
ip link set eth0 up
ip -n far address add 192.0.2.1/24 dev eth0
ip -n far address add 192.0.2.20/24 dev eth0
ip -n far link set eth0 up
ip route add default via 192.0.2.1
cd ${CLONE}
`;

/** `sudo` of a recipe. It does what a person does in another terminal, or has done before. */
const SUDO = `#!/bin/bash
if [ "$1 $2" = 'node dist/switch.js' ]; then
  ready=$(mktemp)
  "$@" > "$ready" &
  until grep -q ^ready "$ready"; do
    kill -0 $! || exit 1
    sleep 0.05
  done
else
  exec "$@"
fi
`;

/** Commands that make the machine as a recipe assumes it, by recipe. */
const BEFORE: Readonly<Record<string, string>> = {
  Containers: `
unshare --net sleep 1000 &
docker() { [ "$1 $4" = 'inspect web' ] && pgrep -x sleep; }
`,
  'DHCP for guests': `
mkdir -p /run/script
cat > /run/udhcpc.sh <<'END'
#!/bin/sh
[ "$1" = bound ] && ip address add "$ip/$mask" dev "$interface"
exit 0
END
chmod +x /run/udhcpc.sh
mount --bind /run/udhcpc.sh /etc/udhcpc/default.script
`,
  'In place of a Linux bridge': `
ip link add br0 type bridge
ip address add 198.51.100.1/24 dev br0
ip link set br0 up
for number in 1 2; do
  ip netns add guest$number
  ip link add vm$number type veth peer name eth0 netns guest$number
  ip link set vm$number master br0 up
  ip -n guest$number address add 198.51.100.1$number/24 dev eth0
  ip -n guest$number link set eth0 up
done
until ping -c 1 -W 1 198.51.100.11 && ip netns exec guest1 ping -c 1 -W 1 198.51.100.12; do :; done
ip netns exec guest1 ping -q -i 0.05 198.51.100.12 > /run/pings & pings=$!
`,
  'SSH as a cable': `
mkdir -p /run/home/.ssh /run/sshd
sed 's#^root:.*#root:x:0:0:root:/run/home:/bin/bash#' /etc/passwd > /run/passwd
grep -q ^sshd: /run/passwd || echo 'sshd:x:65533:65534::/run/sshd:/bin/false' >> /run/passwd
echo 'root:*:19000:0:99999:7:::' > /run/shadow
for file in passwd shadow; do mount --bind /run/$file /etc/$file; done
ssh-keygen -q -t ed25519 -N '' -f /run/home/.ssh/id_ed25519
cat > /run/home/.ssh/config <<'END'
Host far
  HostName 192.0.2.20
  StrictHostKeyChecking no
END
ip netns exec far ${SSHD} -f /dev/null -h /run/home/.ssh/id_ed25519 -o PermitTunnel=ethernet \\
  -o PermitRootLogin=yes -o StrictModes=no -o AuthorizedKeysFile=/run/home/.ssh/id_ed25519.pub
`,
  'VXLAN through WireGuard': `
mkdir /run/keys
for host in here far; do wg genkey > /run/keys/$host.key; wg pubkey < /run/keys/$host.key > /run/keys/$host.pub; done
mkdir /run/wireguard
# The programs of two hosts have two sockets of one name.
ip netns exec far sh -e <<'END'
cd /run/keys
mount -t tmpfs none /run/wireguard
ip link add wg0 type wireguard || wireguard-go wg0
wg set wg0 listen-port 51820 private-key far.key \\
  peer "$(cat here.pub)" endpoint 192.0.2.10:51820 allowed-ips 203.0.113.1/32
END
ip -n far address add 203.0.113.2/24 dev wg0
ip -n far link set wg0 mtu 1420 up
ip -n far link add vx0 type vxlan id 7 local 203.0.113.2 remote 203.0.113.1 dstport 4789
ip -n far link set vx0 mtu 1370 up
ip netns exec far node dist/switch.js --control none vx,address=198.51.100.2/24 nic:vx0 &
cp -r dist /run/keys/dist
ln -s ${CLONE}/node_modules ${CLONE}/build ${CLONE}/package.json /run/keys/
cd /run/keys
`,
};

/** Commands that check the state after a recipe, by recipe. */
const AFTER: Readonly<Record<string, string>> = {
  'QEMU by a TAP': `
node dist/tapctl.js port show | grep '^nic:tap7 *up '
`,
  'QEMU by stream': `
node dist/tapctl.js port show | grep '^stream:/run/guests.sock#1 *up '
`,
  'In place of a Linux bridge': `
ip netns exec guest1 ping -c 1 198.51.100.12
kill -INT $pings
wait $pings
cat /run/pings
# A ping may be lost while a port moves. None came twice.
grep ' received' /run/pings | grep -v duplicates
`,
};

describeNetns('docs/recipes.md', () => {
  const recipes = recipesOf(readFileSync(join(CLONE, 'docs/recipes.md'), 'utf8'));

  for (const [heading, commands] of recipes) {
    const testIt = MISSING.includes(heading) ? test.skip : test;
    testIt(heading, () => follow(heading, commands));
  }
});

/** Follows a recipe on a machine of its own. */
async function follow(heading: string, commands: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-recipes-'));
  try {
    writeFileSync(join(folder, 'sudo'), SUDO);
    chmodSync(join(folder, 'sudo'), 0o755);
    const script = [MACHINE, BEFORE[heading] ?? '', commands, AFTER[heading] ?? '', 'exit 0'];
    const machine = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
    const bash = ['bash', '-xc', `exec 2>&1\n${script.join('\n')}`];
    const { status, stdout } = await run(['unshare', ...machine, ...bash], {
      env: { PATH: `${folder}:${process.env['PATH']}`, USER: 'root', HOME: '/root' },
    });
    if (status !== 0) throw new Error(stdout);
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
