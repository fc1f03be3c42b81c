/**
 * Hooks on real TAPs: loaded, changed and removed while frames flow, and hooks that misbehave. The verdicts are in
 * `unit/hooks`.
 */

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { numberBothWays } from './support/number-both-ways';
import type { SwitchProcess } from './support/switch-process';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const EXAMPLES = join(__dirname, '../../examples/hooks');
const SWITCH = join(__dirname, '../../dist/switch.js');
const folder = mkdtempSync(join(tmpdir(), 'tapswitch-hooks-'));
const control = join(folder, 'control.sock');
const tapctl = new Tapctl(control);
const api = new ControlClient(control);
afterAll(() => rmSync(folder, { recursive: true }));

const PASS = 'frame() {}';
const DROP = "frame() { return 'drop'; }";

/** Writes a hook. @returns its path */
function write(name: string, body: string, match = 'icmp'): string {
  const file = join(folder, name);
  writeFileSync(file, `export default { match: ${JSON.stringify(match)}, ${body} };`);
  return file;
}

async function apply(words: string): Promise<void> {
  expect(await tapctl.run(words)).toMatchObject({ status: 0, stderr: '' });
}

async function hooks(): Promise<unknown> {
  return tapctl.json('hook show');
}

describeNetns('hooks', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  /** A switch with two hosts. */
  async function start(...options: string[]): Promise<[Host, Host, SwitchProcess]> {
    const hosts = await lab.hosts(2);
    const started = await lab.connect(hosts, '--control', control, ...options);
    return [...hosts, started];
  }

  test('are loaded, changed and removed while the switch runs', async () => {
    const file = write('echo.mjs', DROP);
    const [a, b] = await start('--hook', file);
    expect(await a.reaches(b.ipv4)).toBe(false);
    expect(await hooks()).toMatchObject([
      { name: 'echo', file, match: 'icmp', frames: 1, dropped: 1 },
    ]);
    expect(await tapctl.json(`stats ${a.label}`)).toMatchObject({
      ports: [{ drops: { hook: 1 } }],
    });

    const ping = `${b.mac}${a.mac}0800450000540000400040010000c0000201c00002020800`;
    const traced = await tapctl.run(`trace ${a.label} ${ping.replaceAll(':', '')}`);
    expect(traced.stdout).toContain('hook echo takes it, and runs as if it were new\n');
    expect(traced.stdout).toContain('hook echo drops it\n');
    expect(await hooks()).toMatchObject([{ frames: 1 }]);

    write('echo.mjs', PASS);
    expect(await a.reaches(b.ipv4)).toBe(false);
    await apply('hook reload echo');
    expect(await a.reaches(b.ipv4)).toBe(true);
    expect(await hooks()).toMatchObject([{ frames: 2, dropped: 0 }]);

    await apply('hook del echo');
    expect(await hooks()).toEqual([]);
    await apply(`hook add ${write('other.cjs', PASS).replace('other.cjs', 'echo.mjs')}`);
    expect((await tapctl.run('show --config')).stdout).toContain(`hook:\n  - ${file}\n`);
  });

  test('lose no frame when they are loaded again, fifty times in a flood', async () => {
    const file = write(
      'count.mjs',
      "setup(bridge) { bridge.counter('loads').add(); }, frame() {}",
      '',
    );
    const [a, b] = await start('--hook', file);
    const flood = await a.floodPing(b.ipv4);
    for (let loads = 0; loads < 50; loads++) {
      expect(await api.post('/v1/hooks/reload', { name: 'count' })).toMatchObject({ status: 200 });
    }
    const { sent, received } = await flood.stop();
    expect(received).toBe(sent);
    expect(sent).toBeGreaterThan(50);
  });

  test('lose none of 100,000 numbered frames each way, while they are loaded again all the time', async () => {
    const file = write('number.mjs', PASS, 'ether proto 0x88b5');
    const [a, b] = await start('--hook', file);
    // As long as a queue can be: a busy machine makes the switch wait.
    for (const host of [a, b]) await host.ip(`link set ${INTERFACE} txqueuelen 100000`);
    const { seen, changes } = await numberBothWays([a, b], 100_000, async () => {
      expect(await api.post('/v1/hooks/reload', { name: 'number' })).toMatchObject({ status: 200 });
    });
    const all = { received: 100_000, doubled: 0, disordered: 0 };
    expect(seen).toEqual([all, all]);
    expect(changes).toBeGreaterThan(0);
  });

  test('are refused in one line, and the old one stays', async () => {
    const file = write('echo.mjs', DROP);
    const [a, b] = await start('--hook', file);
    const refused = async (body: string, message: string): Promise<void> => {
      writeFileSync(file, body);
      expect(await tapctl.run('hook reload echo')).toMatchObject({
        ...{ status: 1, stdout: '', stderr: `tapctl: hook: ${file}: ${message}\n` },
      });
      expect(await a.reaches(b.ipv4)).toBe(false);
    };
    await refused(
      'export default {',
      'cannot be loaded: SyntaxError: Unexpected end of input (line 1)',
    );
    await refused(
      'const a = 1;\n\nexport default { frame() { return = a } };',
      "cannot be loaded: SyntaxError: Unexpected token '=' (line 3)",
    );
    writeFileSync(join(folder, 'broken.mjs'), 'const = 3;');
    await refused(
      "import './broken.mjs';",
      "cannot be loaded: SyntaxError: Unexpected token '=' (in a module that it imports)",
    );
    await refused(
      "import { nothing } from 'node:fs';",
      "cannot be loaded: SyntaxError: The requested module 'node:fs' does not provide an export named 'nothing'",
    );
    await refused(
      '\nnonsense;',
      'cannot be loaded: ReferenceError: nonsense is not defined (line 2)',
    );
    await refused('export default {};', 'it has no function frame');
    await refused(
      "export default { match: 'udp prot 53', frame() {} };",
      'match: word 2, "prot": expected "and", "or" or the end',
    );
    await refused('for (;;) {}', 'it did not return within half a second');

    const missing = join(folder, 'missing.mjs');
    expect(await tapctl.run(`hook add ${missing}`)).toMatchObject({
      stderr: `tapctl: hook: ${missing}: there is no such file\n`,
    });
    chmodSync(write('open.mjs', PASS), 0o666);
    expect((await tapctl.run(`hook add ${join(folder, 'open.mjs')}`)).stderr).toMatch(
      /: can be written by others; a hook runs with the rights of the switch, /,
    );
    const fifo = join(folder, 'fifo.mjs');
    await lab.start(['mkfifo', fifo]).succeeded();
    expect(await tapctl.run(`hook add ${fifo}`)).toMatchObject({
      stderr: `tapctl: hook: ${fifo}: it is a pipe, a socket or a device; expected a file\n`,
    });
    expect(await tapctl.run('hook del nothing')).toMatchObject({
      stderr: 'tapctl: nothing is no hook of this switch\n',
    });
    expect(await api.post('/v1/hooks', { file: 'echo.mjs' })).toMatchObject({ status: 400 });
  });

  test('that came over the control socket are refused again when others have written them', async () => {
    const fromStart = write('start.mjs', PASS);
    const [a, b] = await start('--hook', fromStart);
    const ordered = write('ordered.mjs', DROP);
    await apply(`hook add ${ordered}`);
    for (const file of [fromStart, ordered]) chmodSync(file, 0o666);
    write('ordered.mjs', PASS);
    await apply('hook reload start');
    expect(await tapctl.run('hook reload ordered')).toMatchObject({
      ...{ status: 1, stderr: expect.stringContaining('can be written by others') },
    });
    expect(await a.reaches(b.ipv4)).toBe(false);
    for (const file of [fromStart, ordered]) rmSync(file);
  });

  test('that do not return are switched off, and the frames of others go on', async () => {
    const [a, b, started] = await start();
    const endless = [
      write('frame.mjs', 'frame() { for (;;) {} }', `src host ${a.ipv4} and icmp`),
      write('timer.mjs', 'setup(bridge) { bridge.every(10, () => { for (;;) {} }); }, frame() {}'),
      write(
        'memory.mjs',
        'frame() { this.kept ??= []; for (;;) this.kept.push({ some: [1, 2] }); }',
      ),
    ];
    for (const file of endless) await apply(`hook add ${file}`);
    await a.ping(b.ipv4, '-c', '3');
    await until(async () => {
      const states = (await hooks()) as { readonly off?: string }[];
      return states.every(({ off }) => off !== undefined);
    }, 'every hook is switched off');
    expect(await hooks()).toMatchObject([
      { name: 'frame', frames: 1, off: 'it did not return within half a second' },
      { name: 'timer', off: 'it did not return within half a second' },
      { name: 'memory', off: expect.stringMatching(/^it (took all memory|did not return)/) },
    ]);
    expect(await a.reaches(b.ipv4)).toBe(true);
    const said = started.log.filter(({ message }) => message.startsWith('a hook is switched off'));
    expect(said.map(({ hook }) => hook).sort()).toEqual(['frame', 'memory', 'timer']);
  });

  test('that keep buffers without end are switched off', async () => {
    const [a, b] = await start();
    // Buffers that nothing has written: on a slow machine the kernel takes longer to clear 20 MB than a hook may.
    const leak =
      'setup(bridge) { const kept = []; bridge.every(5, () => kept.push(Buffer.allocUnsafeSlow(20e6))); }, frame() {}';
    await apply(`hook add ${write('leak.mjs', leak)}`);
    const off = 'the hooks keep more than 512 MiB of buffers, which are not on the heap';
    await until(async () => ((await hooks()) as { readonly off?: string }[])[0]?.off === off, off);
    expect(await a.reaches(b.ipv4)).toBe(true);
    write('leak.mjs', PASS);
    await apply('hook reload leak');
    expect(await a.ping(b.ipv4, '-c', '3')).toMatchObject({ received: 3 });
    expect(await hooks()).toEqual([expect.not.objectContaining({ off: expect.anything() })]);
  });

  test('that return no verdict are failures, and the switch goes on', async () => {
    const [a, b] = await start();
    const bodies = {
      word: "frame() { return 'away'; }",
      promise: "async frame() { throw new Error('nobody hears it'); }",
      port: "frame() { return { to: 'nowhere' }; }",
      short: 'frame() { return new Uint8Array(3); }',
      endless: 'frame() { return { get to() { for (;;) {} } }; }',
      text: 'frame() { throw { toString() { for (;;) {} } }; }',
    };
    for (const [name, body] of Object.entries(bodies)) {
      await apply(`hook add ${write(`${name}.mjs`, body)}`);
    }
    await a.ping(b.ipv4, '-c', '3');
    expect(await a.reaches(b.ipv4)).toBe(true);
    expect(await hooks()).toMatchObject([
      { name: 'word', failure: expect.stringContaining('no verdict') },
      { name: 'promise', failure: expect.stringContaining('a promise') },
      { name: 'port', failure: expect.stringContaining('no port nowhere') },
      { name: 'short', failure: expect.stringContaining('3 bytes') },
      { name: 'endless', off: 'it did not return within half a second' },
      { name: 'text', off: 'it did not return within half a second' },
    ]);
  });

  test('run in a trace as they were loaded, without effects', async () => {
    const written = join(folder, 'written');
    const state =
      "import { writeFileSync } from 'node:fs';\nimport { spawnSync } from 'node:child_process';\n" +
      'let count = 0;\nlet bridge;\n';
    const hook = (name: string, body: string): string => {
      const file = join(folder, `${name}.mjs`);
      writeFileSync(
        file,
        `${state}export default { match: 'icmp', setup(own) { bridge = own; }, frame(frame) { ${body} } };`,
      );
      return file;
    };
    const third = hook(
      'third',
      "bridge.counter('seen').add(); return ++count <= 2 ? 'pass' : 'drop';",
    );
    const [a, b] = await start('--hook', third);
    expect(await a.reaches(b.ipv4)).toBe(true);
    const ping = `${b.mac}${a.mac}0800450000540000400040010000c0000201c00002020800`;
    const trace = async (): Promise<string> => {
      const { status, stdout } = await tapctl.run(`trace ${a.label} ${ping.replaceAll(':', '')}`);
      expect(status).toBe(0);
      return stdout;
    };
    const before = await hooks();
    // What is loaded counts, and not what the file has become.
    hook('third', "return 'drop';");
    for (let time = 0; time < 2; time++) {
      expect(await trace()).toContain('hook third lets it pass\n');
    }
    expect(await hooks()).toEqual(before);
    await apply('hook del third');

    for (const [body, told] of [
      [`writeFileSync('${written}', '');`, 'hook other fails: in a trace a hook may neither write'],
      [
        `spawnSync('/bin/touch', ['${written}']);`,
        'hook other fails: a hook cannot start a program',
      ],
      ['process.exit(0);', 'hook other fails: a hook cannot end the switch'],
      ["console.log('drop'); process.stdout.write('{}'); return 'drop';", 'hook other drops it'],
      ['if (frame.ttl !== 3) setTimeout(() => {}, 1e6);', 'hook other lets it pass'],
      [
        'for (;;) {}',
        'hook other takes it, but does not run: the hooks told nothing within 5 seconds',
      ],
    ] as const) {
      await apply(`hook add ${hook('other', body)}`);
      expect(await trace()).toContain(told);
      expect(await hooks()).toMatchObject([{ name: 'other', frames: 0, failures: 0 }]);
    }
    expect(existsSync(written)).toBe(false);
  });

  test('send nothing into the network from a trace', async () => {
    let connections = 0;
    const server = createServer((_, response) => void response.end());
    server.on('connection', () => connections++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const file = write(
      'fetch.mjs',
      `frame() { void fetch('http://127.0.0.1:${port}/').catch(() => {}); try { connect(${port}, '127.0.0.1'); } catch {} }`,
    );
    writeFileSync(file, `import { connect } from 'node:net';\n${readFileSync(file, 'utf8')}`);
    const [a, b] = await start('--hook', file);
    const ping = `${b.mac}${a.mac}0800450000540000400040010000c0000201c00002020800`;
    const { stdout } = await tapctl.run(`trace ${a.label} ${ping.replaceAll(':', '')}`);
    expect(stdout).toContain('hook fetch lets it pass\n');
    // The process of the trace has ended, and what it has called before this arrives first.
    await fetch(`http://127.0.0.1:${port}/`);
    expect(connections).toBe(1);
    server.close();
  });

  test('cannot end the program or write to its output', async () => {
    const [a, b, started] = await start();
    await apply(
      `hook add ${write('exit.mjs', "frame() { console.log('ready for nothing'); process.exit(3); }")}`,
    );
    expect(await a.reaches(b.ipv4)).toBe(true);
    expect(await hooks()).toMatchObject([
      { name: 'exit', failure: expect.stringContaining('a hook cannot end the switch') },
    ]);
    expect(started.process.stdout).not.toContain('nothing');
    expect(started.process.stderr).toContain('ready for nothing\n');
  });

  test('that would wait fail on a frame, and no frame waits', async () => {
    const pipe = join(folder, 'wait');
    execFileSync('mkfifo', [pipe]);
    const given = JSON.stringify(pipe);
    const waits = {
      program: "require('node:child_process').execSync('sleep 1000')",
      thread: "new (require('node:worker_threads').Worker)('', { eval: true })",
      read: `require('node:fs').readFileSync(${given})`,
      opened: `require('node:fs').openSync(${given}, 'w')`,
      descriptor: "require('node:fs').readSync(3, Buffer.alloc(1))",
      copy: `require('node:fs').copyFileSync(${given}, ${given})`,
      later: `require('node:fs').readFile(${given}, () => {})`,
      promise: `void require('node:fs/promises').readFile(${given})`,
      name: "require('node:dns').lookup('host.example', () => {})",
      connection: "require('node:net').connect(80, '192.0.2.1')",
      server: "require('node:net').createServer().listen()",
      datagram: "require('node:dgram').createSocket('udp4').send('', 9, '192.0.2.1')",
      signal: "process.kill(process.pid, 'SIGTERM')",
    };
    const [a, b, started] = await start();
    const require =
      "import { createRequire } from 'node:module';\nconst require = createRequire('/');";
    for (const [name, body] of Object.entries(waits)) {
      const file = write(`${name}.mjs`, `frame() { ${body}; }`);
      writeFileSync(file, `${require}\n${readFileSync(file, 'utf8')}`);
      await apply(`hook add ${file}`);
    }
    const imported = join(folder, 'imported.mjs');
    writeFileSync(
      imported,
      `import { readFileSync } from 'node:fs';\nexport default { match: 'icmp', frame() { readFileSync(${given}); } };`,
    );
    await apply(`hook add ${imported}`);
    expect(await a.ping(b.ipv4, '-c', '3', '-i', '0.1')).toMatchObject({ received: 3 });
    const isPipe = 'is a pipe, a socket or a device';
    expect(await hooks()).toMatchObject(
      [
        'a hook cannot start a program: all ports would wait for it',
        'a hook cannot start a thread',
        `a hook cannot wait: ${pipe} ${isPipe}`,
        `a hook cannot wait: ${pipe} ${isPipe}`,
        `a hook cannot wait: descriptor 3 ${isPipe}`,
        `a hook cannot wait: ${pipe} ${isPipe}`,
        'a hook is synchronous: use fs.readFileSync, not fs.readFile',
        'a hook is synchronous: nobody would hear the answer of fs.promises.readFile',
        'a hook is synchronous: nobody would hear the answer of dns.lookup',
        'a hook is synchronous, and cannot use sockets',
        'a hook is synchronous, and cannot use sockets',
        'a hook is synchronous, and cannot use sockets',
        'a hook cannot end the switch',
        `a hook cannot wait: ${pipe} ${isPipe}`,
      ].map((failure) => ({ failures: 6, failure })),
    );
    expect((await started.stop()).status).toBe(0);
  });

  test.each([
    ['a frame', 'frame() { WAIT; }'],
    ['its setup', 'setup() { WAIT; }, frame() {}'],
  ])('that cannot be ended end the switch, in %s', async (_, body) => {
    const pipe = join(folder, 'library.node');
    rmSync(pipe, { force: true });
    execFileSync('mkfifo', [pipe]);
    const wait = `process.dlopen({ exports: {} }, ${JSON.stringify(pipe)})`;
    const [a, b, started] = await start();
    const added = tapctl.run(`hook add ${write('stuck.mjs', body.replace('WAIT', wait))}`);
    void a.ping(b.ipv4, '-c', '3');
    const { status, stderr } = await started.process.finished;
    expect([status, stderr.replace(/^\{.*\}\n/gm, '')]).toEqual([
      1,
      'switch: hook stuck cannot be ended, and all ports have waited for it for 10 seconds: it waits in a system call, ' +
        'or computes outside JavaScript; take it out, or mend it\n',
    ]);
    await added;
  });

  test('that change what JavaScript brings are refused, and the switch goes on', async () => {
    const [a, b] = await start();
    const changes = {
      push: [
        "Array.prototype.push = () => { throw new Error('away'); };",
        '',
        'Array.prototype.push',
      ],
      iterator: [
        'Array.prototype[Symbol.iterator] = function* () {};',
        '',
        'Array.prototype.Symbol(Symbol.iterator)',
      ],
      global: ['globalThis.Uint8Array = null;', '', 'Uint8Array'],
      atomics: ['Atomics.compareExchange = () => 0;', '', 'Atomics.compareExchange'],
      setup: [
        '',
        'setup() { delete Map.prototype.get; },',
        'setup failed: it changes Map.prototype.get',
      ],
      throws: ["Math.min = () => NaN; throw new Error('no');", '', 'cannot be loaded: Error: no'],
    };
    for (const [name, [prelude, member, message]] of Object.entries(changes)) {
      const file = join(folder, `${name}.mjs`);
      writeFileSync(file, `${prelude}\nexport default { ${member} frame() {} };`);
      const { status, stderr } = await tapctl.run(`hook add ${file}`);
      expect([status, stderr]).toEqual([1, expect.stringContaining(message as string)]);
    }
    await apply(`hook add ${write('own.mjs', 'frame() { return [].last(); }')}`);
    const file = join(folder, 'last.mjs');
    writeFileSync(
      file,
      "Array.prototype.last = () => 'pass'; export default { match: 'icmp', frame() {} };",
    );
    await apply(`hook add ${file}`);
    expect(await a.reaches(b.ipv4)).toBe(true);
    expect(await hooks()).toMatchObject([{ name: 'own', failures: 0 }, { name: 'last' }]);
  });

  test('read and write files', async () => {
    const text = join(folder, 'text');
    const file = join(folder, 'files.mjs');
    writeFileSync(
      file,
      `import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
      export default {
        match: 'icmp',
        setup() { writeFileSync('${text}', 'drop'); appendFileSync('${text}', 's'); },
        frame: () => readFileSync('${text}', 'utf8').slice(0, 4),
      };`,
    );
    const [a, b] = await start('--hook', file);
    expect(await a.reaches(b.ipv4)).toBe(false);
    expect(await hooks()).toMatchObject([{ failures: 0, dropped: 1 }]);
    expect(readFileSync(text, 'utf8')).toBe('drops');
  });

  test('leave nothing that keeps the switch from its end', async () => {
    const [, , started] = await start();
    const remains = {
      timer: 'setup() { setInterval(() => {}, 1000); }, frame() {}',
      turn: 'setup() { const again = () => setImmediate(again); again(); }, frame() {}',
      tick: 'setup() { const again = () => process.nextTick(again); again(); }, frame() {}',
      promise: "setup() { Promise.reject(new Error('nobody hears it')); }, frame() {}",
      listener: "setup() { process.on('exit', () => { for (;;) {} }); }, frame() {}",
    };
    for (const [name, body] of Object.entries(remains)) {
      await apply(`hook add ${write(`${name}.mjs`, body)}`);
    }
    const { status, stderr } = await started.stop();
    expect(status).toBe(0);
    expect(stderr.replace(/^\{.*\}\n/gm, '')).toBe('');
  });

  test('that are no files are refused, and nobody waits for them', async () => {
    const pipe = join(folder, 'pipe.mjs');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    const [a, b, started] = await start();
    for (const file of [pipe, '/dev/zero']) {
      expect(await api.post('/v1/hooks', { file })).toMatchObject({
        ...{
          status: 409,
          body: { detail: `hook: ${file}: it is a pipe, a socket or a device; expected a file` },
        },
      });
    }
    expect(await a.reaches(b.ipv4)).toBe(true);
    expect((await started.stop()).status).toBe(0);
  });

  test('count traffic by host in stats and on /metrics', async () => {
    const [a, b] = await start('--hook', join(EXAMPLES, 'account.mjs'));
    expect(await a.ping(b.ipv4, '-c', '5', '-i', '0.1')).toMatchObject({ received: 5 });
    const { text } = await api.get('/metrics');
    const line = (host: string): RegExp =>
      new RegExp(
        `^tapswitch_hook_counter_total\\{bridge="[^"]+",hook="account",counter="frames",label="${host}"\\} 5$`,
        'm',
      );
    expect(text).toMatch(line(a.ipv4));
    expect(text).toMatch(line(b.ipv4));
    const counters = expect.arrayContaining([{ name: 'frames', label: a.ipv4, value: 5 }]);
    expect(await tapctl.json('stats')).toMatchObject({ hooks: [{ name: 'account', counters }] });
    expect(await tapctl.json(`stats ${a.label}`)).toMatchObject({ hooks: [] });
  });
});

/** Versions of Node that scripts/nodes.mjs provides. The first one strips no types. */
const NODES = ['node-20', 'node-22', 'node-24'].map(
  (name) => [name, join(__dirname, '../../build', name, 'node')] as const,
);
const NO_TYPES = 'node-20';

/** A hook of each kind of module. Each one drops what its filter accepts. */
const MODULES = {
  'common.cjs': `module.exports = { match: 'icmp', ${DROP} };`,
  'module.mjs':
    "import { Buffer } from 'node:buffer';\nimport { verdict } from './verdict.mjs';\n" +
    "export default { match: 'icmp', frame: () => Buffer.from(verdict).toString() };",
  'found.js': "import 'node:buffer';\nexport default { match: 'icmp', frame: () => 'drop' };",
};
const TYPED =
  "import type { Buffer } from 'node:buffer';\ninterface Seen { readonly length: number }\n" +
  "export default { match: 'icmp', frame(frame: Seen): string { return 'drop' as const; } };";

for (const [name, node] of NODES) {
  const describeWithNode = existsSync(node) ? describeNetns : describe.skip;
  describeWithNode(`hooks on ${name}`, () => hooksOn(name, node));
}

function hooksOn(name: string, node: string): void {
  const lab = new Lab((...args) => [node, SWITCH, ...args]);
  afterEach(() => lab.clear());

  test('are loaded from each kind of module', async () => {
    writeFileSync(join(folder, 'verdict.mjs'), "export const verdict = 'drop';");
    const [a, b] = await lab.hosts(2);
    await lab.connect([a, b], '--control', control);
    expect(await a.reaches(b.ipv4)).toBe(true);
    const modules = Object.entries(MODULES);
    if (name !== NO_TYPES) {
      modules.push(['typed.ts', TYPED], ['typed.mts', TYPED]);
    }
    for (const [file, source] of modules) {
      writeFileSync(join(folder, file), source);
      await apply(`hook add ${join(folder, file)}`);
      expect(await a.reaches(b.ipv4)).toBe(false);
      expect(await hooks()).toMatchObject([{ frames: 1, dropped: 1, failures: 0 }]);
      await apply(`hook del ${file.replace(/\.\w+$/, '')}`);
    }
  });

  test('cannot take the memory of the frames away', async () => {
    const [a, b] = await lab.hosts(2);
    await lab.connect([a, b], '--control', control);
    const thefts = {
      clone: 'structuredClone(1, { transfer: [frame.bytes.buffer] })',
      message: 'new MessageChannel().port1.postMessage(1, [frame.bytes.buffer])',
      transfer: 'frame.bytes.buffer.transfer?.()',
    };
    for (const [file, theft] of Object.entries(thefts)) {
      await apply(`hook add ${write(`${file}.mjs`, `frame(frame) { ${theft}; }`)}`);
    }
    expect(await a.ping(b.ipv4, '-c', '3', '-i', '0.1')).toMatchObject({ received: 3 });
    expect(await hooks()).toMatchObject([{ frames: 6 }, { frames: 6 }, { frames: 6 }]);
  });

  test('in TypeScript that cannot be loaded are refused in one line', async () => {
    const hosts = await lab.hosts(2);
    await lab.connect(hosts, '--control', control);
    const file = join(folder, 'typed.ts');
    const refused = async (source: string, message: string | RegExp): Promise<void> => {
      writeFileSync(file, source);
      const { status, stderr } = await tapctl.run(`hook add ${file}`);
      expect(stderr).toMatch(/^tapctl: hook: [^\n]+\n$/);
      expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
    };
    if (name === NO_TYPES) {
      await refused(TYPED, /typed\.ts: TypeScript needs Node 22\.13 or newer, and this is v20\./);
      return;
    }
    await refused(`${TYPED}\nconst a: = 3;`, /cannot be loaded: SyntaxError: .* \(line 4\)/);
    await refused(`\nenum A { b }\n${TYPED}`, /enum is not supported .* \(line 2\)/);
    await refused(`\nconst a: number = 3;\na();\n${TYPED}`, /TypeError: .* \(line 3\)/);
  });
}
