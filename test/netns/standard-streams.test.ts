/** Standard output and standard error that are closed, full, or pipes that nobody reads. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { type Command, mustRun, run } from './support/command';
import { ControlClient } from './support/control-client';
import { type Host } from './support/host';
import { Lab } from './support/lab';
import { switchCommand } from './support/switch-process';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const MISTAKES = 10_000;
/** More lines than fit into a pipe. */
const MOVES = 20_000;
const LOGGER = join(__dirname, '../../dist/journal/logger.js');
/** Fills its log with debug lines, and has a warning and an error behind them. */
const TALKER = `
const { createLogger } = require(${JSON.stringify(LOGGER)});
const log = createLogger({ level: 'debug', format: 'FORMAT', bridge: 'br0' });
for (let count = 0; count < ${MOVES}; count++) log.debug('station move');
log.warn('a loop joins two ports');
log.error('the data plane has ended');
`;

describeNetns('standard streams', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-streams-'));
  const control = join(folder, 'control.sock');
  const api = new ControlClient(control);
  const fifo = join(folder, 'fifo');
  let host: Host;

  beforeEach(async () => {
    host = await lab.host({ isQuiet: true });
    await mustRun(['mkfifo', fifo]);
  });
  afterEach(async () => {
    await lab.clear();
    rmSync(fifo, { force: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A program whose streams bash redirects first: `$0` is a FIFO. */
  const through = (redirections: string, command: Command): Command => [
    ...['bash', '-c', `${redirections} exec "$@"`, fifo],
    ...command,
  ];

  test.each([
    ['closed', 'exec 1>&- 2>&-;'],
    ['full', 'exec 1>/dev/full 2>/dev/full;'],
    ['pipes without a reader', 'exec 3<>"$0"; exec 1>"$0" 2>"$0" 3>&-;'],
    ['pipes that nobody empties', 'exec 3<>"$0"; exec 1>"$0" 2>"$0";'],
  ])('may be %s: the switch goes on, and prints its state nowhere', async (_, redirections) => {
    const options = ['--name', 'streams', '--control', control, '--log-level', 'debug'];
    const running = lab.start(through(redirections, switchCommand(...options, host.port())));
    const answers = async (): Promise<boolean> =>
      api.get('/v1/bridge').then(
        ({ status }) => status === 200,
        () => false,
      );
    await until(answers, 'the switch answers');
    // The log and the tables are larger than a pipe's buffer.
    for (let times = 0; times < 300; times++) {
      running.signal('SIGUSR1');
      expect((await api.get('/v1/ports')).status).toBe(200);
    }
    expect(running.isRunning).toBe(true);
    const { status } = await running.stop('SIGTERM');
    expect(status).toBe(0);
  });

  describe('into a pipe', () => {
    test('the switch writes every one of many error lines', async () => {
      const file = join(folder, 'bad.yaml');
      const lines = Array.from({ length: MISTAKES }, (_, index) => `  - p${index},mtu=1\n`);
      writeFileSync(file, `ports:\n${lines.join('')}`);
      // The reader of the pipe begins late, and reads to the end.
      const late = '"$@" 2>&1 >/dev/null | { read -r first; echo "$first"; exec cat; }';
      const { stdout } = await run([
        'bash',
        '-c',
        late,
        'bash',
        ...switchCommand('--config', file),
      ]);
      expect(
        stdout.split('\n').filter((line) => /^switch: .*mtu: expected/.test(line)),
      ).toHaveLength(MISTAKES);
    });

    test.each(['json', 'text'])(
      'a log as %s loses no warning among many debug lines',
      async (format) => {
        const late = '"$@" 2>&1 >/dev/null | { sleep 1; exec cat; }';
        const talker = [process.execPath, '-e', TALKER.replace('FORMAT', format)];
        const { stdout } = await run(['bash', '-c', late, 'bash', ...talker]);
        const lines = stdout.trimEnd().split('\n');
        expect(lines.length).toBeLessThan(MOVES);
        expect(lines.at(-2)).toContain('a loop joins two ports');
        expect(lines.at(-1)).toContain('the data plane has ended');
      },
    );

    test.each(['--help', '--version'])(
      'the switch fails where %s cannot be written',
      async (option) => {
        const asked = switchCommand(option);
        const full = await run(['bash', '-c', '"$@" >/dev/full', 'bash', ...asked]);
        expect(full).toMatchObject({
          status: 1,
          stderr: 'switch: standard output: no space left on device (ENOSPC)\n',
        });
        const script = '"$@" | true; echo "${PIPESTATUS[0]}"';
        const cut = await run(['bash', '-c', script, 'bash', ...asked]);
        expect(cut).toMatchObject({ stdout: '0\n', stderr: '' });
      },
    );

    test('tapctl ends quietly when its reader closes the pipe', async () => {
      await lab.startSwitch('--control', control, host.port());
      const [show] = [new Tapctl(control).command('show')];
      const ended = await run([
        'bash',
        '-c',
        '"$@" | true; echo "${PIPESTATUS[0]}"',
        'bash',
        ...show,
      ]);
      expect(ended).toMatchObject({ stdout: '0\n', stderr: '' });
      const full = await run(['bash', '-c', '"$@" >/dev/full', 'bash', ...show]);
      expect(full).toMatchObject({
        status: 1,
        stderr: 'tapctl: standard output: no space left on device (ENOSPC)\n',
      });
      const wrong = new Tapctl(control).command('nonsense');
      const mute = await run(through('exec 3<>"$0"; exec 2>"$0" 3>&-;', wrong));
      expect(mute).toMatchObject({ status: 2 });
    });
  });
});
