/** Carries out what a program asks of its switch: checks the values, and refuses everything after the end. */

import type { z } from 'zod';
import { readShape } from '../config/rule-schema';
import { InvalidRequest } from '../control/invalid-request';
import type { TapSwitch } from '../control/tap-switch';
import { RequestError } from '../system/request-error';

export class Requests {
  isStopped = false;

  constructor(readonly tapSwitch: TapSwitch) {}

  /** @throws RequestError `ERR_SWITCH_STOPPED` */
  requireRunning(): void {
    if (!this.isStopped) return;
    throw new RequestError('stopped', `${this.tapSwitch.config.name}: the switch has stopped`);
  }

  /** Carries out a request that has no values. */
  async ask<R>(work: (tapSwitch: TapSwitch) => R | Promise<R>): Promise<R> {
    this.requireRunning();
    return work(this.tapSwitch);
  }

  /**
   * Carries out a request.
   * @param schema schema of the values
   * @param given values that are not checked yet; `undefined` is a mapping without keys
   * @throws InvalidRequest for a wrong value; RequestError; errors of `work`
   */
  async run<T, R>(
    schema: z.ZodType<T>,
    given: unknown,
    work: (tapSwitch: TapSwitch, value: T) => R | Promise<R>,
  ): Promise<R> {
    return this.ask((tapSwitch) =>
      work(tapSwitch, this.read(schema, given === undefined ? {} : given)),
    );
  }

  /** @throws InvalidRequest */
  read<T>(schema: z.ZodType<T>, given: unknown): T {
    const read = readShape(schema, given);
    if ('faults' in read) throw new InvalidRequest(read.faults);
    return read.data;
  }
}

/** A mapping with one key more. What is no mapping stays as it is, so that its schema refuses it. */
export function withKey(given: unknown, key: string, value: unknown): unknown {
  if (typeof given === 'object' && given !== null) return { ...given, [key]: value ?? null };
  return given === undefined ? { [key]: value ?? null } : given;
}
