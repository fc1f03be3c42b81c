/** Runs every command of docs/tuntap.md, in order, and compares the output with the page. */

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { run } from './support/command';

const CLONE = join(__dirname, '../..');
const MARK = '--- end of block';

interface Block {
  readonly commands: string;
  /** Output on the page; `…` stands for any text in a line, or for any lines. */
  readonly output: string | undefined;
}

function blocksOf(page: string): Block[] {
  const blocks = page.matchAll(/^```sh\n([^]*?)^```\n(?:\n```text\n([^]*?)^```\n)?/gm);
  return [...blocks].map(([, commands = '', output]) => ({ commands, output }));
}

/** Blanks at the ends of lines, and their number between columns, do not count. */
function tidy(text: string): string {
  return text
    .replace(/[ \t]+/g, ' ')
    .replace(/ $/gm, '')
    .trim();
}

function patternOf(output: string): RegExp {
  const lines = tidy(output)
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\n)*' : `${escaped(line).replaceAll('…', '.*')}\n`));
  return new RegExp(`^${lines.join('')}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Commands that make the machine as the page assumes it: the user's own, with sudo. A ping may fail. */
const MACHINE = `
mount -t tmpfs none /run/netns 2>/dev/null || { mkdir -p /run/netns; mount -t tmpfs none /run/netns; }
mount -t sysfs none /sys
ip link set lo up
sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ping() { command ping "$@" || true; }
set -e
`;

describeNetns('docs/tuntap.md', () => {
  test('shows commands that print the output of the page', async () => {
    const blocks = blocksOf(readFileSync(join(CLONE, 'docs/tuntap.md'), 'utf8'));
    expect(blocks.length).toBeGreaterThan(10);
    const folder = mkdtempSync(join(tmpdir(), 'tapswitch-docs-'));
    try {
      writeFileSync(join(folder, 'sudo'), '#!/bin/sh\nexec "$@"\n');
      chmodSync(join(folder, 'sudo'), 0o755);
      const script = [MACHINE, ...blocks.flatMap(({ commands }) => [commands, `echo '${MARK}'`])];
      const bash = ['bash', '-c', `cd ${CLONE}; exec 2>&1\n${script.join('\n')}`];
      const { status, stdout } = await run(['unshare', '--net', '--mount', ...bash], {
        env: { PATH: `${folder}:${process.env['PATH']}`, USER: 'nobody' },
      });
      const printed = stdout.split(`${MARK}\n`);
      for (const [index, { output }] of blocks.entries()) {
        expect(`${tidy(printed[index] ?? '')}\n`).toMatch(patternOf(output ?? '…'));
      }
      expect(status).toBe(0);
      expect(printed).toHaveLength(blocks.length + 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
