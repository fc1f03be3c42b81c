/**
 * Runs the examples of the library in the documentation. Those of docs/library.md that have a mark are one program.
 * Each of README.md is a program, with what it takes from its reader.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { run } from './support/command';

const CLONE = join(__dirname, '../..');

function programOf(page: string): string {
  const examples = [...page.matchAll(/^<!-- example -->\n\n```js\n([^]*?)^```$/gm)];
  return examples.map(([, code]) => code).join('\n');
}

describeNetns('docs/library.md', () => {
  test('has examples that run, one after the other', async () => {
    const program = programOf(readFileSync(join(CLONE, 'docs/library.md'), 'utf8'));
    // In the clone, the package knows itself by its name. Streams listen in a namespace of their own.
    const node = [process.execPath, '--input-type=module', '--eval', program];
    const command = `ip link set lo up; cd ${CLONE}; exec "$@"`;
    const { status, stdout, stderr } = await run([
      ...['unshare', '--net', 'sh', '-c', command, 'sh'],
      ...node,
    ]);
    expect(stderr).toBe('');
    // Numbers and times differ. The switch may have learned the station, and the port of the stream that the page leaves may have
    // gone, before anybody listened.
    const lines = stdout
      .replace(/^\d+ port-/gm, 'SEQ port-')
      .replace(/\d{19}n/, 'NS')
      .trimEnd()
      .split('\n')
      .filter((line) => !line.endsWith('is behind script:green') && line !== 'SEQ port-removed');
    expect(lines).toEqual([
      'script:red up',
      'script:green up',
      'stream:127.0.0.1:5555 down',
      '60 bytes to all',
      'SEQ port-opened',
      'SEQ port-added',
      'script:green in NS 60',
      'no port tap9; the ports are: script:red, script:green, script:blue',
    ]);
    expect(status).toBe(0);
  });
});

/** Beginning of the program of each example of README.md, and what it prints. */
const README: readonly (readonly [beginning: string, printed: unknown])[] = [
  // The switch may have learned the hosts of the TAPs.
  ['', expect.stringMatching(/^\[[^]*\]\n$/)],
  [
    `
      import { startSwitch } from 'tapswitch';
      const running = await startSwitch({ ports: ['script:green'] });
      const answerTo = (frame) => frame;
      const green = await running.ports.stream('script:green');
      const sent = Buffer.from('ffffffffffff' + '020000000001' + '88b5' + '00'.repeat(46), 'hex');
      setInterval(() => green.write(sent), 10);
      green.once('data', (frame) => {
        console.log(frame.equals(sent));
        process.exit();
      });
    `,
    'true\n',
  ],
  [
    `
      import { expect } from 'expect';
      const test = (name, run) => {
        run();
        console.log(name);
      };
    `,
    'a learned host gets its frames alone\n',
  ],
];

describeNetns('README.md', () => {
  const page = readFileSync(join(CLONE, 'README.md'), 'utf8');
  const examples = [...page.matchAll(/^```[jt]s\n([^]*?)^```$/gm)].map(([, code = '']) => code);

  test('has no example that is not run', () => {
    expect(examples).toHaveLength(README.length);
  });

  test.each(README.map(([beginning, printed], at) => ({ at: at + 1, beginning, printed })))(
    'has an example $at that runs',
    async ({ at, beginning, printed }) => {
      const program = beginning + (examples[at - 1] as string);
      const command =
        `mount -t tmpfs none /run; ip netns add red; ip netns add green; ip link set lo up; ` +
        `cd ${CLONE}; exec "$@"`;
      const finished = await run([
        ...['unshare', '--net', '--mount', 'sh', '-c', command, 'sh'],
        ...[process.execPath, '--input-type=module', '--eval', program],
      ]);
      expect(finished).toMatchObject({ stdout: printed, stderr: '', status: 0 });
    },
  );
});
