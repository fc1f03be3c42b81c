import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { defaultControlPath, defaultControlPaths } from '../../../src/api/control-path';
import { listenAt } from '../../../src/api/socket';

let folder = '';
let servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapswitch-control-'));
});

afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  servers = [];
  rmSync(folder, { recursive: true });
});

async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.end());
  await listenAt([path], server);
  servers.push(server);
  return server;
}

/** Leaves a socket's file without a server, as a killed switch does. */
function leaveStaleSocket(path: string): void {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(existsSync(path)).toBe(true);
}

describe('the control socket', () => {
  test('is named after the bridge', () => {
    expect(defaultControlPath('br0')).toBe('/run/tapswitch/br0.sock');
  });

  test.each([
    ['a folder', tmpdir(), [join(tmpdir(), 'tapswitch/br0.sock')]],
    ['a folder that is missing', '/run/user/of-nobody', []],
    ['nothing', undefined, []],
    ['a relative path, which is to be ignored', 'run', []],
  ])('may be in XDG_RUNTIME_DIR if that is %s', (_, value, more) => {
    const before = process.env['XDG_RUNTIME_DIR'];
    if (value === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = value;
    expect(defaultControlPaths('br0')).toEqual(['/run/tapswitch/br0.sock', ...more]);
    if (before === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = before;
  });

  test('leaves nothing else in its folder, and is gone when it is removed', async () => {
    const server = createServer();
    servers.push(server);
    const socket = await listenAt([join(folder, 'a.sock')], server);
    expect(readdirSync(folder)).toEqual(['a.sock']);
    socket.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is removed only if the name is still its own', async () => {
    const path = join(folder, 'a.sock');
    const server = createServer();
    servers.push(server);
    const socket = await listenAt([path], server);
    rmSync(path);
    writeFileSync(path, 'another');
    socket.remove();
    expect(readdirSync(folder)).toEqual(['a.sock']);
  });

  test('is not made at a path that a client could not use', async () => {
    const path = join(folder, 'x'.repeat(108));
    await expect(listen(path)).rejects.toThrow('at most 107 bytes; choose another --control');
  });

  test('may be opened by its owner and group only, whatever the mask', async () => {
    const path = join(folder, 'a.sock');
    const mask = process.umask(0);
    await listen(path);
    expect(process.umask(mask)).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  test('of a switch that was killed is replaced', async () => {
    const path = join(folder, 'a.sock');
    leaveStaleSocket(path);
    const server = await listen(path);
    expect(server.listening).toBe(true);
  });

  test('of a running switch is not replaced', async () => {
    const path = join(folder, 'a.sock');
    const living = await listen(path);
    await expect(listen(path)).rejects.toThrow(
      `control socket ${path}: another switch answers there; choose another --name or --control`,
    );
    expect(living.listening).toBe(true);
    expect(existsSync(path)).toBe(true);
  });

  test('never replaces anything else', async () => {
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'mine');
    await expect(listen(path)).rejects.toThrow('something else has that name; choose another');
    expect(statSync(path).isFile()).toBe(true);
  });

  test('in a folder that is missing is refused by the name of the folder', async () => {
    const path = join(folder, 'none/a.sock');
    await expect(listen(path)).rejects.toThrow(
      `control socket ${path}: there is no folder ${join(folder, 'none')}; make it, or choose`,
    );
  });
});
