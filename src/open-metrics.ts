/** Opens the address for Prometheus that a configuration asks for. */

import type * as metricsServerModule from './api/metrics-server';
import type { SwitchConfig } from './config/schema';
import type { Logger } from './journal/logger';

/**
 * @returns undefined where no address is given; the module is not loaded then
 * @throws StartError
 */
export async function openMetrics(
  { metrics }: SwitchConfig,
  log: Logger,
): Promise<metricsServerModule.MetricsServer | undefined> {
  if (metrics === undefined) return undefined;
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { MetricsServer } = require('./api/metrics-server') as typeof metricsServerModule;
  return MetricsServer.listen(metrics, log);
}
