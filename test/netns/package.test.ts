/** The package as its user gets it: packed, installed into an empty project without a compiler, and used. */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { asCloneOwner } from './support/clone-owner';
import { Lab } from './support/lab';

const ROOT = join(__dirname, '../..');

const LIBRARY = `
  const network = new MemoryIo(new Bridge(), new ManualClock());
  const [a, b] = ['a', 'b'].map((name) => network.port(name));
  a.send(Buffer.from('ffffffffffff02000000000188b5' + '00'.repeat(46), 'hex'));
  console.log(b.received.length);
`;

const TYPED = `
import {
  AddonError, Bridge, type CapturedFrame, type HookBody, ManualClock, MemoryIo, type PortBody, RequestError, type StationBody,
  type Switch, type SwitchOptions, startSwitch,
} from 'tapswitch';
import type { Duplex } from 'node:stream';
import { network } from 'tapswitch/testing';
const options: SwitchOptions = { ports: ['tap0'], ageing: 60 };
export const io: MemoryIo = new MemoryIo(new Bridge(), new ManualClock());
export const start = (): ReturnType<typeof startSwitch> => startSwitch(options);
export const code = (error: AddonError): 'ERR_ADDON_MISSING' | string => error.code;
export const made = network;
export async function use(running: Switch, own: Duplex): Promise<StationBody[]> {
  const port: PortBody = await running.ports.add('nic:eth0,vlan=10');
  await running.ports.add(own, 'router,isolated');
  await running.stations.add({ mac: '02:00:00:00:00:01', port: port.port, kind: 'sticky' });
  const lan: Duplex = await running.ports.script('lan');
  running.on('move', ({ mac, port: to, from, seq }) => console.log(mac.length, to.length, from?.length, seq + 1));
  running.once('port-mtu', ({ mtu }) => console.log(mtu + 1));
  running.on('error', (error) => console.log(error.message));
  for await (const event of running.events()) {
    if (event.event === 'lost') console.log(event.lost + 1);
    else if (event.event === 'stp-port') console.log(event.role, event.port.length);
  }
  for await (const frame of await running.capture({ ports: ['lan'], count: 1 })) {
    const { bytes, direction }: CapturedFrame = frame;
    lan.write(direction === 'in' ? bytes : Buffer.alloc(60));
  }
  await running.hooks.add({ file: '/etc/tapswitch/firewall.mjs' });
  await running.hooks.reload('firewall');
  const hooks: HookBody[] = await running.hooks.list();
  for (const { off, counters } of hooks) console.log(off?.length ?? 0, counters.map(({ value }) => value + 1));
  await running.hooks.remove('firewall');
  // @ts-expect-error The name of a hook is that of its file.
  await running.hooks.add({ name: 'firewall', file: '/etc/tapswitch/firewall.mjs' });
  // @ts-expect-error An event that does not exist does not compile.
  running.on('lern', () => undefined);
  // @ts-expect-error Nor does a field of another event.
  running.on('learn', ({ mtu }) => mtu);
  // @ts-expect-error Nor does a wrong value.
  await running.stations.add({ mac: 5, port: 'lan' });
  await running.stop();
  return running.stations.list({ vlan: 10 });
}
export const isGone = (error: unknown): boolean => error instanceof RequestError && error.code === 'ERR_SWITCH_STOPPED';
// @ts-expect-error An option that does not exist does not compile.
export const wrong: SwitchOptions = { ports: [], agieng: 60 };
`;

/** A switch with a control socket, from a program: it answers there, so that every package is loaded. */
const SWITCH = `
  const { startSwitch } = require('tapswitch');
  const { get } = require('node:http');
  (async () => {
    const running = await startSwitch({ ports: ['tap0'], control: process.argv[2], 'log-format': 'text' });
    const status = await new Promise((resolve, reject) =>
      get({ socketPath: process.argv[2], path: '/metrics' }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode));
      }).on('error', reject),
    );
    console.log(process.versions.node.split('.')[0], status);
    await running.stop();
  })();
`;

/** Loads an addon and lists its exports. */
const EXPORTS = `console.log(process.arch, Object.keys(require(process.argv[1])).sort().join(' '))`;

/** Program that compiles a.mts and a.cts with each resolution of modules, and prints the faults. It reads libraries once. */
const CHECK = `
const [compiler, types] = process.argv.slice(2);
const ts = require(compiler);
const sources = new Map();
for (const [module, moduleResolution] of [['Node16', 'Node16'], ['NodeNext', 'NodeNext'], ['Preserve', 'Bundler']]) {
  const options = {
    strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true,
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind[module],
    moduleResolution: ts.ModuleResolutionKind[moduleResolution], types: ['node'], typeRoots: [types],
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => {
    if (!/typescript.lib|@types/.test(name)) return read(name, ...rest);
    if (!sources.has(name)) sources.set(name, read(name, ...rest));
    return sources.get(name);
  };
  const program = ts.createProgram(['a.mts', 'a.cts'], options, host);
  // The declarations of the package and the user's files; not those of Node and of the language.
  for (const file of program.getSourceFiles().filter(({ fileName }) => !sources.has(fileName))) {
    const faults = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    for (const { messageText } of faults) {
      console.log(module, file.fileName, ts.flattenDiagnosticMessageText(messageText, ' '));
    }
  }
}
`;

describeNetns('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-package-'));
  const installed = join(folder, 'node_modules/tapswitch');
  let npmSaid = '';

  const run = (program: string, ...args: string[]) =>
    spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  const script = (file: string): string => readFileSync(join(ROOT, 'scripts', file), 'utf8');
  const inClone = (...command: string[]): void => {
    const [program = '', ...args] = command;
    execFileSync(program, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  };

  beforeAll(() => {
    inClone(...asCloneOwner(), process.execPath, 'scripts/contrib.mjs');
    inClone(...asCloneOwner(), process.execPath, 'scripts/declarations.mjs');
    inClone(...asCloneOwner(), process.execPath, 'scripts/prebuild.mjs');
    inClone('npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    // This compiler does not exist: the package must not need one.
    const { status, stderr } = spawnSync(
      'npm',
      ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, tarball)],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, CXX: '/nonexistent/g++' } },
    );
    npmSaid = stderr;
    if (status !== 0) throw new Error(stderr);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('warns of no engine, needs no compiler, and brings no other package', () => {
    // Newer versions of npm report every install script, which is no fault.
    expect(npmSaid).not.toMatch(/EBADENGINE|deprecated|tapswitch: |error/i);
    const packages = Object.keys(
      (JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: object })
        .packages,
    );
    // Everything else is in the bundles.
    expect(packages).toEqual(['', 'node_modules/tapswitch']);
  });

  test('has few files, because npm unpacks them three times', () => {
    const files = readdirSync(installed, { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile()).length).toBeLessThan(250);
    // Vitest leaves a cache in the folder where its tests are.
    expect(files.filter(({ name }) => name === 'node_modules')).toEqual([]);
  });

  test.each([
    'docs',
    'examples',
    'scripts/netns-setup.sh',
    'contrib/tapswitch@.service',
    'dist/contrib/tapctl.1',
    'dist/contrib/tapswitch.bash',
  ])('has %s', (path) => {
    expect(run('test', '-e', join(installed, path)).status).toBe(0);
  });

  test('has examples that import nothing but what it exports', () => {
    const sources = readdirSync(join(installed, 'examples'), { recursive: true, encoding: 'utf8' });
    const imports = sources
      .filter((name) => /\.m?js$/.test(name))
      .flatMap((name) => [
        ...readFileSync(join(installed, 'examples', name), 'utf8').matchAll(
          /(?:from |require\()'(\..*?)'/g,
        ),
      ])
      .map(([, path]) => path);
    expect([...new Set(imports)].sort()).toEqual(['../dist/index.js', '../dist/testing/index.js']);
  });

  test('is a library for CommonJS and for ESM', () => {
    writeFileSync(
      join(folder, 'a.cjs'),
      `const { Bridge, ManualClock, MemoryIo } = require('tapswitch');${LIBRARY}`,
    );
    writeFileSync(
      join(folder, 'a.mjs'),
      `import { Bridge, ManualClock, MemoryIo } from 'tapswitch';${LIBRARY}`,
    );
    for (const file of ['a.cjs', 'a.mjs']) {
      expect(run(process.execPath, file)).toMatchObject({ stderr: '', stdout: '1\n' });
    }
  });

  test('is a test kit for CommonJS and for ESM, with the classes of the library', () => {
    const kit = `
      const net = network({ ports: ['red', 'green'] });
      net.port('red').send(frame.ethernet({ from: '02:00:00:00:00:01' }));
      console.log(net.port('green').received.length, ManualClock === Clock);`;
    const names = ['{ frame, ManualClock, network }', '{ ManualClock: Clock }'] as const;
    const [own, library] = names;
    writeFileSync(
      join(folder, 'kit.cjs'),
      `const ${own} = require('tapswitch/testing'); const ${library} = require('tapswitch');${kit}`,
    );
    writeFileSync(
      join(folder, 'kit.mjs'),
      `import ${own} from 'tapswitch/testing'; import ${library.replace(':', ' as')} from 'tapswitch';${kit}`,
    );
    for (const file of ['kit.cjs', 'kit.mjs']) {
      expect(run(process.execPath, file)).toMatchObject({ stderr: '', stdout: '1 true\n' });
    }
  });

  test('has types for TypeScript in its strictest form, with every resolution of modules', () => {
    for (const file of ['a.mts', 'a.cts']) writeFileSync(join(folder, file), TYPED);
    // The compiler runs in a process of its own: jest makes it several times slower.
    writeFileSync(join(folder, 'check.cjs'), CHECK);
    const typescript = join(ROOT, 'node_modules/typescript');
    const types = join(ROOT, 'node_modules/@types');
    const { stdout, stderr } = run(process.execPath, 'check.cjs', typescript, types);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
  });

  test('has commands that print their own names, and load the addon', () => {
    const bin = join(folder, 'node_modules/.bin');
    const help = run(join(bin, 'tapswitch'), '--help').stdout;
    expect(help).toContain('Usage: tapswitch [OPTION]... PORT...');
    expect(help).not.toContain('dist/switch.js');
    expect(run(join(bin, 'tapswitch'), 'start')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^tapswitch: start: .*did you mean "tapswitch tap0 tap1"\?/),
    });
    expect(run(join(bin, 'tapctl'), 'tap', 'list', '--json')).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  test('installs the service into another root, with the path of the switch, and systemd accepts the unit', () => {
    const root = join(folder, 'root');
    const tapctl = join(folder, 'node_modules/.bin/tapctl');
    // The folder of mkdtemp(3) is closed to the user of the service.
    const refused = run(tapctl, 'service', 'install', '--root', root);
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /: the user tapswitch may not enter .*; install Node and tapswitch for all users/,
      ),
    });
    expect(existsSync(root)).toBe(false);
    chmodSync(folder, 0o755);
    expect(run(tapctl, 'service', 'install', '--root', root)).toMatchObject({
      status: 0,
      stderr: '',
    });
    const unit = readFileSync(join(root, 'etc/systemd/system/tapswitch@.service'), 'utf8');
    expect(unit).toContain(join(installed, 'dist/switch.js'));
    const instance = join(folder, 'tapswitch@lab.service');
    writeFileSync(instance, unit);
    expect(run('systemd-analyze', 'verify', '--man=no', instance)).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(run(tapctl, 'service', 'remove', '--root', root)).toMatchObject({ status: 0 });
    expect(run(tapctl, 'service', 'remove', '--root', root)).toMatchObject({
      status: 1,
      stderr: 'tapctl: no service is installed\n',
    });
  });

  test('without an addon, commands say in one line what is missing, and the library throws a code', () => {
    const hidden = join(folder, 'hidden');
    renameSync(join(installed, 'prebuilds'), hidden);
    try {
      const cure =
        /there is no native addon for linux-\w+; install a C\+\+ compiler, then run: npm rebuild tapswitch/;
      for (const [command, ...args] of [
        ['tapctl', 'tap', 'list'],
        ['tapswitch', 'none0'],
      ] as const) {
        const { status, stderr } = run(join(folder, 'node_modules/.bin', command), ...args);
        expect({ command, status, stderr }).toEqual({
          command,
          status: 1,
          stderr: expect.stringMatching(cure),
        });
        expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      }
      const wrapped = `(async () => { try { await require('tapswitch').openTap('none0') } catch (e) { console.log(e.name, e.code) } })()`;
      expect(run(process.execPath, '-e', wrapped).stdout).toBe('AddonError ERR_ADDON_MISSING\n');
      const starts = `require('tapswitch').startSwitch({ ports: ['none0'] }).catch((e) => console.log(e.name, e.code))`;
      expect(run(process.execPath, '-e', starts).stdout).toBe('AddonError ERR_ADDON_MISSING\n');
    } finally {
      renameSync(hidden, join(installed, 'prebuilds'));
    }
  });

  test('compiles the same addon as CMakeLists.txt', () => {
    const cmake = readFileSync(join(ROOT, 'CMakeLists.txt'), 'utf8');
    for (const [, define = ''] of script('compile-addon.mjs').matchAll(
      /^ {2}'([A-Z_]+(?:=\d+)?)',$/gm,
    )) {
      expect(cmake).toContain(define);
    }
  });

  /** Each line of Node that the package supports: scripts/nodes.mjs has them. */
  const nodeOf = (version: string): string => join(ROOT, 'build', `node-${version}`, 'node');
  const describeOn = (version: string) => (existsSync(nodeOf(version)) ? describe : describe.skip);
  describeOn('20')('on Node 20', () => useOn('20'));
  describeOn('22')('on Node 22', () => useOn('22'));
  describeOn('24')('on Node 24', () => useOn('24'));

  function useOn(version: string): void {
    const node = nodeOf(version);
    const path = `${join(node, '..')}:${process.env['PATH']}`;
    const bin = join(folder, 'node_modules/.bin');
    const lab = new Lab((...args) => ['env', `PATH=${path}`, join(bin, 'tapswitch'), ...args]);
    const runOn = (program: string, ...args: string[]) =>
      spawnSync(program, args, {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, PATH: path },
      });
    afterEach(() => lab.clear());

    test('hosts on a switch reach each other, with bytecode that another Node has written', async () => {
      const [a, b] = await lab.hosts(2);
      const control = join(folder, `${version}.sock`);
      await lab.connect([a, b], '--control', control);
      expect(await a.reaches(b.ipv4)).toBe(true);
      const ports = runOn(join(bin, 'tapctl'), '--control', control, 'port');
      expect(ports).toMatchObject({
        stderr: '',
        stdout: expect.stringMatching(/^eth0@\S+ +up /m),
      });
    });

    test('a program starts a switch that answers on its control socket', () => {
      writeFileSync(join(folder, 'switch.cjs'), SWITCH);
      const control = join(folder, `program-${version}.sock`);
      const { stdout, stderr } = runOn('unshare', '--net', 'node', 'switch.cjs', control);
      expect({ stdout, stderr }).toEqual({ stdout: `${version} 200\n`, stderr: '' });
    });

    test('npm rebuild writes bytecode for this Node', () => {
      expect(runOn('npm', 'rebuild', 'tapswitch')).toMatchObject({ status: 0 });
      const note = join(ROOT, 'test/netns/support/note_loads.cjs');
      const notes = join(folder, `notes-${version}`);
      const tapctl = join(installed, 'dist/tapctl.js');
      const { stdout } = runOn(
        'env',
        `LOADS=${notes}`,
        'node',
        '--require',
        note,
        tapctl,
        '--version',
      );
      expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      expect(readFileSync(notes, 'utf8')).toMatch(/"isBytecodeTaken":true/);
    });
  }

  const isArmReady = ['build/node-arm64/node', 'build/arm64/tapswitch.node'].every((path) =>
    existsSync(join(ROOT, path)),
  );
  (isArmReady ? describe : describe.skip)('on arm64', () => {
    test('has an addon with the same exports', () => {
      const emulator = [
        'qemu-aarch64',
        '-L',
        '/usr/aarch64-linux-gnu',
        join(ROOT, 'build/node-arm64/node'),
      ];
      const addonOf = (arch: string): string =>
        join(installed, `prebuilds/linux-${arch}/tapswitch.node`);
      const own = run(process.execPath, '-e', EXPORTS, addonOf('x64'));
      const [program = '', ...args] = emulator;
      const foreign = run(program, ...args, '-e', EXPORTS, addonOf('arm64'));
      expect(own.stdout).toMatch(/^x64 .* Tap /);
      expect(foreign).toMatchObject({ stderr: '', stdout: own.stdout.replace(/^x64/, 'arm64') });
    });
  });
});
