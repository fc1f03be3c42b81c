/**
 * The program: from the command line to a running switch, and to its end. This file connects the parts and
 * has no logic of its own.
 */

import type { Worker } from 'node:worker_threads';
import { type Invocation, parseCommandLine } from './config/command-line';
import type { SwitchConfig } from './config/schema';
import { type LeveledLogger, createLogger } from './journal/logger';
import { printable, printableLines } from './system/printable';
import { UsageError } from './system/usage-error';
import { RequestError } from './system/request-error';
import { type Reload, applyConfig } from './control/reload';
import { notify } from './system/notify';
import { openControl } from './open-control';
import { nextStep } from './next-step';
import { openMetrics } from './open-metrics';
import { PORT_KINDS } from './ports/kinds';
import { yieldToDataPlane } from './system/priority';
import { findControlGroup, findLogin, runAs } from './system/run-as';
import { renderState } from './control/render-state';
import { AddonError } from './native/addon-error';
import { SWITCH_NAME } from './system/command-name';
import { StartError } from './system/start-error';
import { StuckError } from './system/stuck-error';
import { TapSwitch } from './control/tap-switch';
import { onSignal } from './early-signals';
import {
  STDERR,
  STDOUT,
  outputRefusal,
  surviveStandardStreams,
  writeWhole,
} from './terminal/standard-streams';

const EXIT_STOPPED = 0;
const EXIT_COULD_NOT_RUN = 1;

type Run = Extract<Invocation, { readonly kind: 'run' }>;

/**
 * Runs the switch until it is told to stop. If it fails, it ends the process with a line on standard error.
 * @param thread thread of `startThread`; unused where no switch is wanted
 */
export async function runSwitch(thread: Worker): Promise<void> {
  try {
    surviveStandardStreams();
    const invocation = parseCommandLine(process.argv.slice(2), PORT_KINDS);
    if (invocation.kind === 'run') await run(invocation, thread);
    else print(invocation.text);
  } catch (error) {
    complain(error);
  }
}

/** @throws StartError where standard output takes nothing, as on a full disk; a reader that has read enough is none */
function print(text: string): void {
  const refusal = writeWhole(STDOUT, text);
  if (refusal !== undefined && refusal.code !== 'EPIPE') {
    throw new StartError(outputRefusal(refusal));
  }
}

async function run({ config, hasFile }: Run, thread: Worker): Promise<void> {
  const log = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    bridge: config.name,
  });
  // The checks come before the first port is opened: a persistent TAP would stay.
  const login = config.user === undefined ? undefined : findLogin(config.user);
  const { controlGroup } = config;
  const controlGid = controlGroup === undefined ? undefined : findControlGroup(controlGroup);
  const { server: control, complaint } = await openControl(config, log, login, controlGid);
  const metrics = await openMetrics(config, log);
  const starting = TapSwitch.start(config, log, thread);
  const reload: Reload = () => reloadFile(starting, hasFile, log);
  control?.serve(starting, reload);
  metrics?.serve(starting);
  // The log is loaded after the data plane has its first commands, so that no frame waits for it.
  setImmediate(log.load);
  // A signal to stop that comes during the start takes effect as soon as the switch runs.
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    notify('STOPPING=1', log.warn);
    stopping ??= starting
      .then((running) => {
        control?.close();
        metrics?.close();
        return running.stop();
      })
      .then(() => process.exit(EXIT_STOPPED), complain);
  };
  onSignal('SIGTERM', stop);
  onSignal('SIGINT', stop);
  onSignal('SIGHUP', () => {
    reload().catch((error: unknown) => log.error(`reload: ${(error as Error).message}`));
  });
  const tapSwitch = await starting;
  yieldToDataPlane();
  onSignal('SIGUSR1', () => {
    showState(tapSwitch).catch((error: unknown) =>
      log.error(`SIGUSR1: ${(error as Error).message}`),
    );
  });
  tapSwitch.on('failed', (error) => complain(error));
  if (login !== undefined) {
    control?.preload();
    metrics?.preload();
    tapSwitch.ports.prepareForPlainUser();
    runAs(login, config.ports);
  }
  notify('READY=1', log.warn);
  // The warning comes last: a start that fails prints only one line.
  if (complaint !== undefined) log.warn(complaint);
  const labels = tapSwitch.ports.all.map(({ label }) => label).join(' ');
  process.stdout.write(`${printable(`ready ${config.name} ${labels}`)}\n`);
  if (process.stdout.isTTY) sayNext(tapSwitch, config, control !== undefined);
}

/** Prints the line for a person at a terminal. Journals and pipes end with the line `ready`. */
function sayNext({ ports }: TapSwitch, { name, control }: SwitchConfig, isControlled: boolean) {
  // A label with a namespace or a kind is no name of an interface here.
  const madeTap = ports.all.find(({ label, origin }) => origin === 'made' && !/[@:]/.test(label));
  const next = nextStep({
    name,
    isControlled,
    environment: process.env,
    ...(control !== undefined && { control }),
    ...(madeTap && { madeTap: madeTap.label }),
  });
  if (next !== undefined) process.stdout.write(`${printable(next)}\n`);
}

/** Prints the tables, unless the last ones are still unwritten because nobody reads them. */
async function showState(tapSwitch: TapSwitch): Promise<void> {
  const text = await renderState(tapSwitch);
  if (process.stderr.writableLength === 0) process.stderr.write(text);
}

/** @throws UsageError for a fault of the file; RequestError, StartError. Nothing has changed then. */
async function reloadFile(starting: Promise<TapSwitch>, hasFile: boolean, log: LeveledLogger) {
  const tapSwitch = await starting;
  if (!hasFile) {
    throw new RequestError('conflict', 'the switch was started without --config; there is no file');
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

/** Reports an error and exits: one line for a mistake of the user or a refusal by the system; otherwise a stack. */
function complain(error: unknown): void {
  if (error instanceof UsageError) {
    writeWhole(STDERR, error.lines.map((line) => `${SWITCH_NAME}: ${line}\n`).join(''));
    process.exit(error.exitStatus);
  }
  const text =
    error instanceof StartError || error instanceof StuckError || error instanceof AddonError
      ? printable(error.message)
      : printableLines((error as Error).stack ?? String(error));
  writeWhole(STDERR, `${SWITCH_NAME}: ${text}\n`);
  process.exit(EXIT_COULD_NOT_RUN);
}
