/** Commands as a user that is not root. */

import type { Command } from './command';

/**
 * Words in front of a command that run it as user 65534, on a machine whose /dev/net/tun has the given
 * mode. The user keeps one capability, to read the clone in any folder.
 */
export function asPlainUser(tunMode: string): Command {
  const asUser = '--reuid=65534 --regid=65534 --clear-groups';
  const readsAll = '--inh-caps=+dac_read_search --ambient-caps=+dac_read_search';
  const script = [
    'mount -t tmpfs none /dev/net',
    `mknod /dev/net/tun c 10 200 && chmod ${tunMode} /dev/net/tun`,
    `exec setpriv ${asUser} ${readsAll} "$@"`,
  ].join(' && ');
  return ['unshare', '--mount', 'sh', '-c', script, 'sh'];
}
