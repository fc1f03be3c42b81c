/** Says in one line why a port could not be opened, and what would help. */

import { type PortSpec, portLabel } from '../config/values/port-spec';
import { isNativeError } from '../native/native';
import { explainRefusal } from '../device/explain-refusal';
import { StartError } from '../system/start-error';

/** @returns a StartError for whatever opening the port threw. */
export function explainOpenFailure(spec: PortSpec, error: unknown): StartError {
  const reason = isNativeError(error)
    ? explainRefusal({ ...spec, mode: 'tap' }, error)
    : (error as Error).message;
  return new StartError(`${portLabel(spec)}: ${reason}`, { cause: error });
}
