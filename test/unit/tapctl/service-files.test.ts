/** The files of the service, as `tapctl service install` writes them. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  removeServiceFiles,
  requireReadable,
  serviceFiles,
  unitFor,
  writeServiceFiles,
} from '../../../src/tapctl/service-files';

const UNIT = 'etc/systemd/system/tapswitch@.service';
const USERS = 'etc/sysusers.d/tapswitch.conf';
const PROGRAMS = {
  node: '/usr/bin/node',
  switchFile: '/usr/lib/node_modules/tapswitch/dist/switch.js',
};

const template = readFileSync(join(__dirname, '../../../contrib/tapswitch@.service'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'tapswitch-service-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the unit', () => {
  test('starts the switch where npm has put it, and nothing else differs', () => {
    const lines = unitFor(template, PROGRAMS).split('\n');
    const before = template.split('\n');
    expect(lines.filter((line, at) => line !== before[at])).toEqual([
      'ExecStart=/usr/bin/node --inspect-port=[fe80::1]:0 /usr/lib/node_modules/tapswitch/dist/switch.js ' +
        '--name %i --config /etc/tapswitch/%i.yaml',
    ]);
  });

  test.each([
    ['/opt/my node/bin/node', '"/opt/my node/bin/node"'],
    ['/opt/a%b/node', '/opt/a%%b/node'],
    ['/opt/a$b/node', '/opt/a$$b/node'],
    ['/opt/a"b/node', String.raw`"/opt/a\"b/node"`],
  ])('has %s as one word of its command', (node, word) => {
    expect(unitFor(template, { ...PROGRAMS, node })).toContain(
      `\nExecStart=${word} --inspect-port`,
    );
  });

  test.each([
    ['/home/alice/node', 'read-only'],
    ['/usr/local/bin/node', 'yes'],
  ])('sees the home folders if %s needs them: ProtectHome=%s', (node, setting) => {
    expect(unitFor(template, { ...PROGRAMS, node })).toContain(`\nProtectHome=${setting}\n`);
  });
});

describe('the files', () => {
  test('are the unit and its user; remove takes them away, once', () => {
    const files = serviceFiles(PROGRAMS);
    expect(writeServiceFiles(folder, files)).toEqual([join(folder, UNIT), join(folder, USERS)]);
    expect(readFileSync(join(folder, UNIT), 'utf8')).toContain(PROGRAMS.switchFile);
    expect(readFileSync(join(folder, USERS), 'utf8')).toMatch(/^u tapswitch - /m);
    expect(removeServiceFiles(folder)).toHaveLength(2);
    expect(existsSync(join(folder, UNIT))).toBe(false);
    expect(removeServiceFiles(folder)).toEqual([]);
  });

  test('say in one line where they cannot be written, and nothing is', () => {
    const root = join(folder, 'full');
    mkdirSync(join(root, 'etc/systemd'), { recursive: true });
    writeFileSync(join(root, 'etc/sysusers.d'), 'a file where a folder must be');
    expect(() => writeServiceFiles(root, serviceFiles(PROGRAMS))).toThrow(
      /^may not write .*\/etc\/sysusers\.d \((EEXIST|ENOTDIR)\)$/,
    );
    expect(existsSync(join(root, UNIT))).toBe(false);
  });

  test('are not written for programs that the user of the service cannot read', () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    // The folder that holds this one is closed to others by mkdtemp(3).
    chmodSync(folder, 0o755);
    chmodSync(closed, 0o700);
    const node = join(closed, 'node');
    expect(() => requireReadable({ ...PROGRAMS, node })).toThrow(
      `${node}: the user tapswitch may not enter ${closed}; install Node and tapswitch for all users: ` +
        'sudo npm install -g ./tapswitch-*.tgz',
    );
    expect(() =>
      requireReadable({ node: '/usr/bin/node', switchFile: '/usr/bin/node' }),
    ).not.toThrow();
  });
});
