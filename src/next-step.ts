/** The line after `ready`, for a person at a terminal: what to do next. */

import { TAPCTL_COMMAND } from './system/command-name';

/** What the line depends on. */
export interface Started {
  /** Name of the switch. */
  readonly name: string;
  /** Path of the control socket, if the command line or the file gave one; `none`: there is none. */
  readonly control?: string;
  /** Whether the switch has a control socket. */
  readonly isControlled: boolean;
  /** A TAP that the switch has made in its own namespace, if there is one. */
  readonly madeTap?: string;
  /** Environment of the switch, which says whether sudo and npx have started it. */
  readonly environment?: Readonly<Partial<Record<string, string>>>;
}

/** Name that tapctl looks for without an option. */
const DEFAULT_NAME = 'br0';

/** @returns the line without its end, or undefined if there is nothing to say */
export function nextStep(started: Started): string | undefined {
  const { name, control, isControlled, madeTap, environment = {} } = started;
  // The other terminal is that of the user, who needs the same words there.
  const sudo = environment['SUDO_UID'] === undefined ? [] : ['sudo'];
  const npx = environment['npm_command'] === 'exec' ? ['npx'] : [];
  const steps: string[] = [];
  if (isControlled) {
    steps.push([...sudo, ...npx, TAPCTL_COMMAND, ...placeOf(name, control), 'top'].join(' '));
  }
  if (madeTap !== undefined) {
    steps.push(`a host: ${[...sudo, 'ip link set', madeTap, 'netns NAME'].join(' ')}`);
  }
  return steps.length === 0 ? undefined : `next, in another terminal: ${steps.join('; ')}`;
}

/** Options by which tapctl finds the switch. */
function placeOf(name: string, control: string | undefined): string[] {
  if (control !== undefined) return ['--control', control];
  return name === DEFAULT_NAME ? [] : ['--name', name];
}
