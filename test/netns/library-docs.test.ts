/**
 * Runs the examples in the documentation of the library. Those of docs/library.md that have a mark are one program, and so
 * are those of README.md in its chapter "From code".
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
    // Numbers and times differ, and the switch may have learned the station before anybody listened.
    const lines = stdout
      .replace(/^\d+ port-/gm, 'SEQ port-')
      .replace(/\d{19}n/, 'NS')
      .trimEnd()
      .split('\n')
      .filter((line) => !line.endsWith('is behind script:green'));
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
