"""Replaces each new file in a folder by a link to a file, as a user who may write there could do."""

import os
import sys
import time

folder, target = sys.argv[1:]
os.chdir(folder)
print("ready", flush=True)
seen = set()
while True:
    for name in os.listdir():
        if name in seen or name.startswith("aside"):
            continue
        try:
            os.rename(name, f"aside{len(seen)}")
            os.symlink(target, name)
        except OSError:
            continue
        seen.add(name)
    time.sleep(0.0005)
