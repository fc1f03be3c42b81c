/** What `--help` says besides the options. */

/** In columns, for the options too. */
export const HELP_WIDTH = 80;

export const HELP_BEFORE = `\
An Ethernet switch between TAP devices. It learns which station is behind
which port, sends each frame where it belongs, and answers ARP and ping for
addresses of its own.
`;

export const HELP_AFTER = `
Ports: NAME[@NETNS][,KEY[=VALUE]]...
  NAME         of the TAP, 1 to 15 bytes. A TAP that exists is attached to, and
               stays when the switch goes; one that does not is made, and goes.
               In "tap%d" the kernel picks the number.
  @NETNS       the network namespace in which the TAP lives: a name as in
               "ip netns", or a path such as /proc/1234/ns/net. The same NAME
               may be used in several namespaces.
  mtu=N        68 to 65521 bytes
  queue=N      1 to 1000000 frames that may wait for the switch (txqueuelen)
  mac=ADDR     of the TAP, which is the station's end of the wire
  persist      the TAP stays when the switch goes, although the switch made it
  owner=USER   who may attach to a TAP that the switch makes, by name or number
  group=GROUP  the same
  offload=off  plain frames on this port only; "on" beside --no-offload
  trusted      is not inspected: a router, a DHCP server, another switch
  neigh-suppress=off
               every ARP and ND request is sent to this port, also one that
               the switch answers: a backup link whose monitor listens

Configuration file:
  YAML or JSON, with the options without dashes and the ports as keys. The
  command line goes before the file; a list there replaces the file's list.

    name: lab
    address: [192.0.2.1/24, 2001:db8::1/64]
    ageing: 60
    offload: false
    ports:
      - tap0,mtu=9000
      - { name: eth0, netns: red, persist: true }

Examples:
  sudo node dist/switch.js tap0 tap1 tap2
  sudo node dist/switch.js --address 192.0.2.1/24 eth0@red eth0@green
  sudo node dist/switch.js --ageing 60 tap0,persist,owner=alice tap1,mtu=9000
  sudo node dist/switch.js --config lab.yaml --log-level debug

As soon as every port is open, one line on standard output lists them by the
kernel's names:
  ready br0 tap0 tap1 tap2

Signals:
  SIGTERM, SIGINT  stop
  SIGHUP           read the configuration file again and apply the difference
  SIGUSR1          print ports and tables to standard error

Exit status:
  0  stopped on request
  1  could not run; the line on standard error says why
  2  wrong usage; the line on standard error says what would be right
`.trimEnd();
