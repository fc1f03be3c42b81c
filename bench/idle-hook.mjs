// A hook that no frame of the bench matches: its price is that of the filter. See duts/tapswitch.ts.

export default { match: 'udp port 7', frame: () => 'pass' };
