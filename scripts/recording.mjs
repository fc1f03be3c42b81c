// `npm run recording`: records the first minute with the switch, on a machine of its own in namespaces, and writes it
// into README.md, between its two marks. `--print` prints it instead. Needs root.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLONE, PrepareError, isRoot, runMain } from './prepare.mjs';

const README = join(CLONE, 'README.md');
const BEGIN = '<!-- The recording begins: npm run recording -->\n';
const END = '<!-- The recording ends. -->\n';
const INDENT = '    ';
const TIMEOUT_MS = 60_000;

/** Commands as they are shown. The first one goes on in the background. */
const SWITCH =
  'node dist/switch.js tap0@red tap0@green tap0@blue --address 198.51.100.254/24 --log-level debug';
const COMMANDS = [
  'ip netns exec red ping -c 3 198.51.100.2',
  'node dist/tapctl.js show',
  'node dist/tapctl.js fdb',
];

/** Commands that make a machine of its own. Its three hosts send only the frames that the recording shows. */
const SCRIPT = `
set -eu
mount -t tmpfs none /run
mkdir /run/netns
mount -t sysfs none /sys
ip link set lo up
scripts/netns-setup.sh up > /dev/null
shown() { echo; echo "$ sudo $*"; }
${SWITCH} --log-format text > /run/log 2>&1 & running=$!
until grep -q '^ready' /run/log && grep -q 'claimed.*198' /run/log; do
  kill -0 $running || { cat /run/log >&2; exit 1; }
  sleep 0.1
done
echo '$ sudo ${SWITCH}'
grep -v 'fe80::' /run/log
${COMMANDS.map((command) => `shown ${command}\n${command}`).join('\n')}
kill $running
`;

await runMain(() => {
  if (!isRoot()) throw new PrepareError('the recording needs root: sudo npm run recording');
  const recording = record();
  if (process.argv[2] === '--print') {
    process.stdout.write(recording);
    return;
  }
  const page = readFileSync(README, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new PrepareError(`${README}: the marks are missing`);
  const block = recording.trimEnd().replace(/^(?=.)/gm, INDENT);
  writeFileSync(README, `${page.slice(0, from)}${BEGIN}\n${block}\n\n${page.slice(to)}`);
});

function record() {
  const machine = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const { status, stdout, stderr } = spawnSync('unshare', [...machine, 'bash', '-c', SCRIPT], {
    cwd: CLONE,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  if (status !== 0) throw new PrepareError(`the recording failed: ${stderr.trim()}`);
  return stdout;
}
