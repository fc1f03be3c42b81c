/** Refuses an option that is given twice. Commander would silently take the last. */

import type { Command, Option } from 'commander';
import { UsageError } from '../system/usage-error';

/**
 * Makes a command throw a UsageError when an option is given twice, or together with its opposite.
 * @param mayRepeat whether an option may be given several times
 */
export function refuseGivenTwice(
  command: Command,
  mayRepeat: (option: Option) => boolean = () => false,
): void {
  /** Options given so far, by the property that they set: `--offload` and `--no-offload` share one. */
  const given = new Map<string, Option>();
  for (const option of command.options) {
    if (mayRepeat(option)) continue;
    command.on(`option:${option.name()}`, () => {
      const before = given.get(option.attributeName());
      if (before === option) throw new UsageError(`${option.long}: given twice; give it once`);
      if (before !== undefined) {
        throw new UsageError(`${option.long}: contradicts ${before.long}; give one of them`);
      }
      given.set(option.attributeName(), option);
    });
  }
}
