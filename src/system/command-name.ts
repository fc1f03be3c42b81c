/** Names of the commands, as people type them: their own where npm has installed the package, else a path in the clone. */

const isInstalled = /[\\/]node_modules[\\/]/.test(__dirname);

export const SWITCH_COMMAND = isInstalled ? 'tapswitch' : 'node dist/switch.js';
export const TAPCTL_COMMAND = isInstalled ? 'tapctl' : 'node dist/tapctl.js';
/** First word of the switch's complaints. */
export const SWITCH_NAME = isInstalled ? 'tapswitch' : 'switch';
