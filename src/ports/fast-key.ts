/** The key `fast`, which every kind of port has that is an interface of the kernel. */

import type { PortKey } from '../config/port-grammar';
import { onOff } from '../config/values/rule';

export const FAST_KEY = {
  rule: onOff,
  placeholder: 'off',
  help: 'every frame comes to the switch; else the kernel redirects known unicast between such ports',
  fallback: true,
} satisfies PortKey;
