/** Fault of a filter in the words of tcpdump that an option has. */

import { compileFilter } from '../../capture/filter-compiler';
import { FilterError } from '../../capture/filter-error';

/** @returns what is wrong with the filter, `undefined` for nothing; an empty one takes every frame */
export function filterFault(filter: string): string | undefined {
  try {
    compileFilter(filter);
    return undefined;
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
}
