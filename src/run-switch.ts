/**
 * The program: from the command line to a running switch and down again. What it does is elsewhere;
 * here it is wired up.
 */

import { dirname } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { type Invocation, parseCommandLine } from './config/command-line';
import { type LeveledLogger, type Logger, createLogger } from './journal/logger';
import { printable, printableLines } from './system/printable';
import type { SwitchConfig } from './config/schema';
import { UsageError } from './system/usage-error';
import { ControlServer } from './api/server';
import { defaultControlPaths } from './api/control-path';
import { isForbidden } from './api/socket';
import { Refusal } from './system/refusal';
import { type Reload, applyConfig } from './control/reload';
import { notify } from './system/notify';
import { PORT_KINDS } from './ports/kinds';
import { yieldToDataPlane } from './system/priority';
import { type Login, findControlGroup, findLogin, runAs } from './system/run-as';
import { renderState } from './control/render-state';
import { StartError } from './system/start-error';
import { TapSwitch } from './control/tap-switch';
import { onSigusr1 } from './sigusr1';
import { STDERR, STDOUT, surviveStandardStreams, writeWhole } from './terminal/standard-streams';

const EXIT_STOPPED = 0;
const EXIT_COULD_NOT_RUN = 1;

type Run = Extract<Invocation, { readonly kind: 'run' }>;

/**
 * Runs until it is told to stop, or fails: then it ends the process, with a line on standard error.
 * @param thread from `startThread`; left alone where no switch is wanted
 */
export async function runSwitch(thread: Worker): Promise<void> {
  try {
    surviveStandardStreams();
    const invocation = parseCommandLine(process.argv.slice(2), PORT_KINDS);
    if (invocation.kind === 'run') await run(invocation, thread);
    else writeWhole(STDOUT, invocation.text);
  } catch (error) {
    complain(error);
  }
}

async function run({ config, hasFile }: Run, thread: Worker): Promise<void> {
  const log = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    bridge: config.name,
  });
  // Before anything is opened that would stay: a TAP may be made to persist.
  const login = config.user === undefined ? undefined : findLogin(config.user);
  const { controlGroup } = config;
  const controlGid = controlGroup === undefined ? undefined : findControlGroup(controlGroup);
  const { server: control, complaint } = await openControl(config, log, login, controlGid);
  const starting = TapSwitch.start(config, log, thread);
  const reload: Reload = () => reloadFile(starting, hasFile, log);
  control?.serve(starting, reload);
  // The data plane has its orders by then: no frame waits for the log.
  setImmediate(log.load);
  // A switch that is told to stop while it starts stops as soon as it runs.
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    notify('STOPPING=1', log.warn);
    stopping ??= starting
      .then((running) => {
        control?.close();
        return running.stop();
      })
      .then(() => process.exit(EXIT_STOPPED), complain);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => {
    reload().catch((error: unknown) => log.error(`reload: ${(error as Error).message}`));
  });
  const tapSwitch = await starting;
  yieldToDataPlane();
  onSigusr1(() => {
    showState(tapSwitch).catch((error: unknown) =>
      log.error(`SIGUSR1: ${(error as Error).message}`),
    );
  });
  tapSwitch.on('failed', (error) => complain(error));
  if (login !== undefined) {
    control?.preload();
    runAs(login, config.ports);
  }
  notify('READY=1', log.warn);
  // Only now: a start that fails is to end in one line.
  if (complaint !== undefined) log.warn(complaint);
  const labels = tapSwitch.ports.all.map(({ label }) => label).join(' ');
  process.stdout.write(`${printable(`ready ${config.name} ${labels}`)}\n`);
}

/** Prints nothing where the last tables are still on their way: nobody reads them. */
async function showState(tapSwitch: TapSwitch): Promise<void> {
  const text = await renderState(tapSwitch);
  if (process.stderr.writableLength === 0) process.stderr.write(text);
}

/** @throws UsageError for what is wrong with the file; Refusal, StartError: nothing changed then. */
async function reloadFile(starting: Promise<TapSwitch>, hasFile: boolean, log: LeveledLogger) {
  const tapSwitch = await starting;
  if (!hasFile) {
    throw new Refusal('conflict', 'the switch was started without --config; there is no file');
  }
  return tapSwitch.change(async () => {
    const { config } = parseCommandLine(process.argv.slice(2), PORT_KINDS) as Run;
    const { added, removed, changed } = await applyConfig(tapSwitch, config);
    log.setLevel(config.logLevel);
    const counts = { added: added.length, removed: removed.length, changed: changed.length };
    tapSwitch.journal.note('reload', counts);
    return { added, removed, changed };
  });
}

interface Control {
  readonly server?: ControlServer;
  /** Why there is none although it was wanted. */
  readonly complaint?: string;
}

/** A socket that was asked for must be had. Who may write nowhere has a switch all the same. */
async function openControl(
  config: SwitchConfig,
  log: Logger,
  login: Login | undefined,
  controlGid: number | undefined,
): Promise<Control> {
  if (config.control === 'none') return {};
  const paths = config.control === undefined ? defaultControlPaths(config.name) : [config.control];
  try {
    const access = { ...login, ...(controlGid !== undefined && { gid: controlGid }) };
    return { server: await ControlServer.listen(paths, log, access) };
  } catch (error) {
    const isOptional = config.control === undefined && isForbidden(error as Error);
    if (!isOptional) throw error;
    return {
      complaint:
        `no control: may not write to ${paths.map((path) => dirname(path)).join(' or ')} ` +
        `(${((error as Error).cause as NodeJS.ErrnoException).code}); set XDG_RUNTIME_DIR to a folder of yours, or give a --control`,
    };
  }
}

/** One line for a mistake of the user's or a refusal of the system's; a stack only for our own. */
function complain(error: unknown): void {
  if (error instanceof UsageError) {
    writeWhole(STDERR, error.lines.map((line) => `switch: ${line}\n`).join(''));
    process.exit(error.exitStatus);
  }
  const text =
    error instanceof StartError
      ? printable(error.message)
      : printableLines((error as Error).stack ?? String(error));
  writeWhole(STDERR, `switch: ${text}\n`);
  process.exit(EXIT_COULD_NOT_RUN);
}
