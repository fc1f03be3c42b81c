/** The MTU of a port over a socket, which has no interface to have one. */

import type { PortKey } from '../config/port-grammar';
import { tapMtu } from '../config/values/interface-rules';

export const DEFAULT_MTU = 1_500;

export const MTU_KEY = {
  rule: tapMtu,
  placeholder: 'N',
  help: `68 to 65521 bytes (default: ${DEFAULT_MTU})`,
  fallback: DEFAULT_MTU,
} satisfies PortKey;
