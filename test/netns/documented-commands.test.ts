/**
 * Commands in the documentation. This test runs each block, or the block's line says which other test runs it, or why
 * none does. A new block fails the first test until it has a line.
 *
 * docs/recipes.md and docs/tuntap.md have tests of their own, which run all their blocks.
 */

import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { type Finished, run } from './support/command';

const CLONE = join(__dirname, '../..');
const WITH_OWN_TEST = ['recipes.md', 'tuntap.md'];

/** Treatment of a block: it is run behind these commands, another test runs it, or there is nothing to run. */
type Fate = { readonly run: string } | { readonly test: string } | { readonly not: string };

const here = (before = ''): Fate => ({ run: before });
const elsewhere = (file: string): Fate => ({ test: file });
const not = (reason: string): Fate => ({ not: reason });

const GRAMMAR = not('a grammar');
const FILE = not('a part of a file');
const SHOWN = not('text that a program prints');
const MEASURES = not('a measurement, which takes minutes on an idle machine');
const LAB = 'scripts/netns-setup.sh up';
const TAPS = 'tapswitch tap0 tap1';

/** Blocks by their page and the beginning of their first line. */
const BLOCKS: readonly (readonly [page: string, beginning: string, fate: Fate])[] = [
  [
    'README.md',
    'npm start --',
    not('scripts/start.mjs runs apt-get and npm; .ci/run does the same'),
  ],
  ['README.md', '$ sudo node dist/switch.js', elsewhere('documented-commands.test.ts')],
  ['README.md', 'unshare -Urn', here()],
  ['README.md', 'sudo scripts/netns-setup.sh up', here()],
  ['README.md', 'node dist/switch.js [OPTION]', GRAMMAR],
  [
    'README.md',
    'sudo node dist/tapctl.js show',
    here(`${LAB}; tapswitch tap0@red tap0@green; pings red 198.51.100.2`),
  ],
  ['README.md', 'npm run bench', MEASURES],
  ['docs/arp.md', 'start ──▶', not('a picture')],
  ['docs/arp.md', 'the request of', SHOWN],
  ['docs/arp.md', 'sudo node dist/switch.js tap0 tap1,neigh', here()],
  ['docs/arp.md', 'neigh:', FILE],
  ['docs/arp.md', 'sudo node dist/switch.js --inspect', here()],
  ['docs/arp.md', 'npm run bench', MEASURES],
  ['docs/control.md', 'node dist/tapctl.js [--name', GRAMMAR],
  ['docs/control.md', 'tapctl capture tap0 -w - |', elsewhere('capture.test.ts')],
  ['docs/control.md', 'sudo node dist/switch.js tap0,isolated', here()],
  [
    'docs/control.md',
    'sudo node dist/switch.js --vlan-filtering',
    here('ip link add eth0 type veth'),
  ],
  ['docs/control.md', 'sudo ovs-vsctl', elsewhere('vlan-peers.test.ts')],
  ['docs/control.md', 'sudo node dist/switch.js tap0,storm', here()],
  ['docs/control.md', 'sudo node dist/switch.js tap0,macs', here()],
  [
    'docs/control.md',
    'sudo node dist/switch.js nic:eth0 tap0@red',
    here(`ip link add eth0 type veth; ip netns add red`),
  ],
  ['docs/control.md', 'fdb:', FILE],
  [
    'docs/control.md',
    'sudo node dist/tapctl.js mirror',
    here('tapswitch --vlan-filtering tap0 tap1 tap2 tap8 tap9'),
  ],
  ['docs/control.md', 'curl --unix-socket', here(TAPS)],
  ['docs/control.md', 'scrape_configs', elsewhere('metrics.test.ts')],
  ['docs/control.md', 'node scripts/build.mjs', MEASURES],
  ['docs/control.md', 'npm pack', elsewhere('package.test.ts')],
  ['docs/control.md', 'grep -E', here(TAPS)],
  ['docs/control.md', 'node --inspect-port', here()],
  [
    'docs/hooks.md',
    'sudo node dist/switch.js --hook',
    here(`echo 'export default { match: "arp", frame: () => "drop" };' > block.mjs`),
  ],
  [
    'docs/hooks.md',
    'sudo node dist/tapctl.js hook add',
    here(`mkdir /etc/tapswitch; cp examples/hooks/firewall.mjs /etc/tapswitch; ${TAPS}`),
  ],
  ['docs/impairments.md', 'sudo node dist/tapctl.js', here(TAPS)],
  ['docs/impairments.md', 'impair:', FILE],
  ['docs/impairments.md', 'await sw', FILE],
  ['docs/impairments.md', 'const net', FILE],
  ['docs/multicast.md', 'sudo node dist/switch.js', here()],
  ['docs/multicast.md', 'sudo node dist/tapctl.js mdb', here(`${TAPS} --mcast-snooping`)],
  ['docs/multicast.md', 'mcast-snooping: true', FILE],
  ['docs/performance.md', 'npm run bench -- --docs', MEASURES],
  ['docs/performance.md', 'npm run bench -- --against', MEASURES],
  ['docs/performance.md', 'npm run bench -- --only decide', MEASURES],
  ['docs/performance.md', 'npm run bench -- --only group-memory', MEASURES],
  ['docs/performance.md', 'node scripts/build.mjs bench', MEASURES],
  [
    'docs/ports.md',
    'sudo node dist/switch.js nic:eth0',
    here('ip link add eth0 type veth; ip netns add red'),
  ],
  ['docs/ports.md', 'sudo node dist/switch.js veth:', here('ip netns add red; ip netns add green')],
  ['docs/ports.md', 'node dist/switch.js stream:', elsewhere('qemu.test.ts')],
  ['docs/ports.md', 'node dist/switch.js dgram:', here()],
  ['docs/ports.md', '$ sudo node dist/tapctl.js port show', SHOWN],
  ['docs/stp.md', 'sudo node dist/switch.js', here('ip link add eth0 type veth')],
  ['docs/stp.md', 'protocol rstp', SHOWN],
  ['examples/bridge-in-a-test.test.js', 'npx jest', elsewhere('examples.test.ts')],
  ['examples/dhcp-server.mjs', 'sudo node', elsewhere('examples.test.ts')],
  ['examples/hooks/account.mjs', 'tapswitch_hook', SHOWN],
  ['examples/tap-ping.mjs', 'sudo node', elsewhere('examples.test.ts')],
  ['examples/testing.jest.test.js', 'npx jest', elsewhere('examples.test.ts')],
  ['examples/testing.node.mjs', 'node --test', elsewhere('examples.test.ts')],
  ['examples/testing.vitest.test.mjs', 'npx vitest', elsewhere('examples.test.ts')],
  ['examples/tun-ping.mjs', 'sudo node', elsewhere('examples.test.ts')],
  ['examples/tunclient.mjs', 'sudo ip tuntap', elsewhere('examples.test.ts')],
  ['examples/tunclient.mjs', 'Read 84', SHOWN],
  ['examples/tunnel.mjs', 'here$', elsewhere('examples.test.ts')],
];

interface Block {
  readonly page: string;
  readonly text: string;
}

/** Blocks of a page: those that are indented by four columns, and those of the languages `sh` and `console`. */
function blocksOf(page: string): Block[] {
  const source = readFileSync(join(CLONE, page), 'utf8');
  const shell = [...source.matchAll(/^```(?:sh|console)\n([^]*?)^```$/gm)].map(
    ([, text = '']) => text,
  );
  const rest = source.replace(/^```[^]*?^```$/gm, '');
  const indented = rest.match(/(?<=^\n) {4}.*\n(?: {4}.*\n|\n(?= {4}))*/gm) ?? [];
  return [...shell, ...indented.map((text) => text.replace(/^ {4}/gm, ''))].map((text) => ({
    page,
    text,
  }));
}

/** Blocks in the comment at the head of an example. */
function headOf(page: string): Block[] {
  const [head = ''] = readFileSync(join(CLONE, page), 'utf8').split(/\n(?!\/\/)/, 1);
  const blocks = head.match(/(?<=^\/\/\n)(?:\/\/ {5}.*(?:\n|$))+/gm) ?? [];
  return blocks.map((text) => ({ page, text: text.replace(/^\/\/ {5}/gm, '') }));
}

function allBlocks(): Block[] {
  const docs = readdirSync(join(CLONE, 'docs')).filter(
    (name) => name.endsWith('.md') && !WITH_OWN_TEST.includes(name),
  );
  const examples = readdirSync(join(CLONE, 'examples'), {
    recursive: true,
    encoding: 'utf8',
  }).filter((name) => /\.m?[jt]s$/.test(name));
  return [
    ...['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)].flatMap(blocksOf),
    ...examples.map((name) => `examples/${name}`).flatMap(headOf),
  ];
}

/** A machine of its own. `tapswitch` starts a switch in the background, and ends the one before. */
const MACHINE = `
set -eu
mount -t tmpfs none /run
mkdir /run/netns /run/upper /run/scratch
# Changes of /etc stay inside.
mount -t overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/scratch overlay /etc
mount -t tmpfs none /dev/net
mknod -m 666 /dev/net/tun c 10 200
# The commands write their files into a copy of the clone's folder.
mkdir -m 755 /run/clone
ln -s "$PWD"/* /run/clone/
cd /run/clone
mount -t sysfs none /sys
ip link set lo up
running=
tapswitch() {
  if [ -n "$running" ]; then kill $running; wait $running || true; fi
  node dist/switch.js "$@" > /run/log 2>&1 &
  running=$!
  until grep -q '^ready' /run/log; do kill -0 $running || { cat /run/log; exit 1; }; sleep 0.05; done
}
tapctl() { node dist/tapctl.js "$@"; }
pings() { ip netns exec "$1" ping -q -c 1 -W 5 "$2"; }
`;

/** Commands of a block, changed so that one script can run them one after the other. */
function runnable(text: string): string {
  return (
    text
      .replace(/^(sudo )?node (--inspect-port=\S+ )?dist\/switch\.js(?= )/gm, 'tapswitch')
      .replace(/^unshare -Urn/gm, 'setpriv --reuid=65534 --regid=65534 --clear-groups $&')
      // The live view has no end without a terminal.
      .replace(/^(.*tapctl\.js top)\b/gm, 'timeout 2 $1 > /run/top || [ $? = 124 ]')
      // A capture takes frames that flow meanwhile.
      .replace(
        /^(sudo .* capture [^#\n]*)/gm,
        '(ip netns exec red ping -q -i 0.2 198.51.100.2 > /run/flow &) ; $1',
      )
  );
}

describeNetns('the commands in the documentation', () => {
  const blocks = allBlocks();
  const isOf = ([page, beginning]: (typeof BLOCKS)[number], block: Block): boolean =>
    page === block.page && block.text.startsWith(beginning);

  test('each block has one line here, and each line has a block', () => {
    const unknown = blocks.filter(
      (block) => BLOCKS.filter((line) => isOf(line, block)).length !== 1,
    );
    expect(unknown).toEqual([]);
    expect(BLOCKS.filter((line) => !blocks.some((block) => isOf(line, block)))).toEqual([]);
  });

  test('the tests that the other lines name exist, and name the example', () => {
    const named = BLOCKS.flatMap(([page, , fate]) =>
      'test' in fate ? [[page, join(__dirname, fate.test)] as const] : [],
    );
    const idle = named.filter(([page, file]) => {
      if (!existsSync(file)) return true;
      // Examples have one test that runs them by name.
      return page.startsWith('examples/') && !readFileSync(file, 'utf8').includes(basename(page));
    });
    expect(idle).toEqual([]);
  });

  test('the recording in README.md can be made again, with the same commands', async () => {
    const commandsIn = (text: string): string[] => text.match(/(?<=^ *\$ ).*/gm) ?? [];
    const made = await run([process.execPath, join(CLONE, 'scripts/recording.mjs'), '--print']);
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toMatch(/^3 packets transmitted, 3 received, 0% packet loss/m);
    const readme = readFileSync(join(CLONE, 'README.md'), 'utf8');
    const [, shown = ''] = readme.split(/^<!-- The recording .* -->$/m);
    expect(commandsIn(shown)).toEqual(commandsIn(made.stdout));
    expect(commandsIn(shown).length).toBeGreaterThan(2);
  });

  for (const line of BLOCKS) {
    const [page, beginning, fate] = line;
    if (!('run' in fate)) continue;
    test(`${page}: ${beginning}`, async () => {
      const found = blocks.filter((block) => isOf(line, block));
      const { status, stdout } = await follow(
        fate.run,
        found.map(({ text }) => runnable(text)).join('\n'),
      );
      // The message has the trace of all commands only if one fails.
      expect({ status, trace: status === 0 ? '' : stdout }).toEqual({ status: 0, trace: '' });
    });
  }
});

/** Runs commands on a machine of its own. @returns all that they print, with the trace of bash */
async function follow(before: string, commands: string): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-commands-'));
  try {
    writeFileSync(join(folder, 'sudo'), '#!/bin/sh\nexec "$@"\n');
    chmodSync(join(folder, 'sudo'), 0o755);
    const machine = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
    const script = ['exec 2>&1', MACHINE, before, commands, 'exit 0'].join('\n');
    return await run(['unshare', ...machine, 'bash', '-xc', script], {
      env: { PATH: `${folder}:${process.env['PATH']}`, USER: 'root', HOME: '/root' },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
