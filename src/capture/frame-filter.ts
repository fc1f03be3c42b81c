/** A compiled filter that is asked about frames of a burst, one at a time, as they lie there. */

import type { Burst } from '../frame/burst';
import { i32At } from '../wire/read';
import { type FilterProgram, isAccepted } from './filter-program';
import { FrameFields } from './frame-fields';

/** Makes a function that says whether the filter accepts a frame of a burst. */
export function frameFilter(program: FilterProgram): (burst: Burst, frame: number) => boolean {
  const fields = new FrameFields();
  return (burst, frame) => {
    const at = i32At(burst.offset, frame);
    fields.read(burst.u8, at, at + i32At(burst.length, frame), program.parts);
    return isAccepted(program, fields);
  };
}
