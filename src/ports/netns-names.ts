/**
 * Names of network namespaces, as `ip netns` gives them: files in one folder, where inotify reports each that
 * comes or goes. A namespace that is named otherwise, such as /proc/PID/ns/net, is not reported.
 */

import { type FSWatcher, watch } from 'node:fs';
import { NETNS_FOLDER } from '../system/netns';

export class NetnsNames {
  private watcher: FSWatcher | undefined;

  /** @param changed called when a name comes or goes */
  constructor(private readonly changed: () => void) {}

  /**
   * Begins to watch, if some path is in the folder.
   * @param paths files of namespaces
   * @returns whether a change of each path is reported
   */
  watch(paths: readonly string[]): boolean {
    const isInside = (path: string): boolean => path.startsWith(`${NETNS_FOLDER}/`);
    if (paths.some(isInside)) this.begin();
    return paths.every((path) => isInside(path) && this.watcher !== undefined);
  }

  close(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }

  private begin(): void {
    if (this.watcher !== undefined) return;
    try {
      this.watcher = watch(NETNS_FOLDER, { persistent: false }, this.changed);
      this.watcher.on('error', () => this.close());
    } catch {
      // The folder is not there, or the user has no inotify instance left.
    }
  }
}
