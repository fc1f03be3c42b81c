/** The running configuration, and reload. */

import { z } from 'zod';
import { configDocument } from '../../config/document';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import type { Reload } from '../../control/reload';

export function configRoutes(api: Api, tapSwitch: TapSwitch, reload: Reload): void {
  api.get(
    '/v1/config',
    {
      schema: {
        operationId: 'getConfig',
        summary: 'The running state in the form of a configuration file',
        response: { 200: z.record(z.string(), z.unknown()).meta({ id: 'Config' }) },
      },
    },
    () =>
      configDocument(
        tapSwitch.config,
        tapSwitch.ports.kinds,
        tapSwitch.ports.all.map(({ namedSpec }) => namedSpec),
      ),
  );
  const labels = z.array(z.string());
  api.post(
    '/v1/reload',
    {
      schema: {
        operationId: 'reload',
        summary: 'Read the configuration file again, and apply the difference',
        response: {
          200: z
            .object({ added: labels, removed: labels, changed: labels })
            .meta({ id: 'Reloaded' }),
        },
      },
    },
    () => reload(),
  );
}
