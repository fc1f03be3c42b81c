/** The key `offload` of ports that are devices of the kernel. */

import type { PortKey } from '../config/port-grammar';
import { onOff } from '../config/values/rule';

export const OFFLOAD_KEY = {
  rule: onOff,
  placeholder: 'off',
  help: 'plain frames on this port only; "on" beside --no-offload',
} satisfies PortKey;
