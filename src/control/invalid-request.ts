/** A request with a value that is wrong by itself, whatever the state of the switch. */

import { type Fault, formatPath } from '../config/rule-schema';

/** One wrong value. */
export interface InvalidField {
  /** Path of the value: `ports[0].mtu`; empty for the whole request. */
  readonly field: string;
  /** What is wrong, and what would be right. */
  readonly detail: string;
}

export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
  readonly code = 'ERR_INVALID_VALUE';
  /** Each wrong value. */
  readonly errors: readonly InvalidField[];

  constructor(faults: readonly Fault[]) {
    const errors = faults.map(({ path, message }) => ({
      field: formatPath(path),
      detail: message,
    }));
    super(errors.map(sentenceOf).join('; '));
    this.errors = errors;
  }
}

function sentenceOf({ field, detail }: InvalidField): string {
  return field === '' ? detail : `${field}: ${detail}`;
}
