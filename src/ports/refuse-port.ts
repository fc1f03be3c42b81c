/** Reasons to refuse ports before one of them is opened, and the error for a port that could not be opened. */

import { type PortSettings, type PortSpec, portLabel } from '../config/values/port-spec';
import { StartError } from '../system/start-error';
import { UsageError } from '../system/usage-error';
import type { PortKinds } from './kinds';
import type { PortKind } from './port';

/** A value that passes its rule but does not exist on this machine, such as an unknown user. */
export interface UnknownValue {
  readonly key: string;
  /** Fault and cure, as a sentence. */
  readonly message: string;
}

/** @returns an error of opening or changing a port, as one line for a person. */
export function portFailure(kind: PortKind, spec: PortSpec, error: unknown): StartError {
  return new StartError(`${portLabel(spec)}: ${kind.explain(spec, error)}`, { cause: error });
}

/** @returns the values of a port that do not exist on this machine. */
export function findUnknownValues(kind: PortKind, settings: PortSettings): UnknownValue[] {
  return Object.entries(kind.keys).flatMap(([key, { verify }]) => {
    const value = settings[key];
    if (verify === undefined || value === undefined) return [];
    try {
      verify(value as never);
      return [];
    } catch (error) {
      return [{ key, message: (error as Error).message }];
    }
  });
}

/** @throws UsageError that names the port, for values that do not exist on this machine. */
export function refuseUnknownValues(kind: PortKind, label: string, settings: PortSettings): void {
  const unknown = findUnknownValues(kind, settings);
  if (unknown.length === 0) return;
  throw new UsageError(...unknown.map(({ key, message }) => `${label}: ${key}: ${message}`));
}

/** What a port with this identity is, for people. */
export function whatIs(identity: string): string {
  return identity.startsWith('socket ') ? 'socket' : 'interface';
}

/** @throws UsageError that names two ports which are the same interface or socket. */
export function refuseSameInterface(kinds: PortKinds, ports: readonly PortSpec[]): void {
  const seen = new Map<string, PortSpec>();
  for (const port of ports) {
    const identity = kinds.kindOf(port).identity(port);
    if (identity === undefined) continue;
    const other = seen.get(identity);
    if (other !== undefined) {
      const both = `${portLabel(other)} and ${portLabel(port)}`;
      throw new UsageError(`${both} are the same ${whatIs(identity)}; give it once`);
    }
    seen.set(identity, port);
  }
}
