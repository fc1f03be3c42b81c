/** Settings of a configuration that the lane takes while it runs: the options marked `live: 'lane'`. */

import { CONFIG_OPTIONS, type SwitchConfig } from '../config/schema';
import type { LaneSettings } from '../dataplane/messages';

export function laneSettings(config: SwitchConfig): Pick<SwitchConfig, keyof LaneSettings> {
  const options = CONFIG_OPTIONS.filter(({ live }) => live === 'lane');
  const settings: unknown = Object.fromEntries(
    options.map(({ property }) => [property, config[property]]),
  );
  return settings as Pick<SwitchConfig, keyof LaneSettings>;
}
