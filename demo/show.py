#!/usr/bin/env python3
"""Small helpers of demo/run.

  ports N                  N free ports on loopback
  arrive                   copies server-sent events, each word as it arrives,
                           and says how long it took
  seen LOG RECORD WORD...  what nginx wrote down, and a search for the words
                           in everything that it wrote down and forwarded
  extend SOCKET PCR TEXT   extends a register of a TPM by the digest of TEXT,
                           as each stage of a boot chain does with the next
  page                     copies text in lines of 80, without empty ones
  reason VERDICT           the first thing a verdict found wrong
  table ROW...             a row: attack|what was changed|noticed by|exit|words
"""
import hashlib
import json
import os
import pathlib
import re
import socket
import struct
import sys
import textwrap
import time


def ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(count))]
    print(*[s.getsockname()[1] for s in held])


def arrive():
    """Reads what is there, not what fills a buffer."""
    start, times, column, rest = time.monotonic(), [], 2, b""
    print("  ", end="")
    while piece := os.read(0, 65536):
        rest += piece
        while b"\n\n" in rest:
            event, rest = rest.split(b"\n\n", 1)
            word = event.removeprefix(b"data: ").decode()
            times.append(time.monotonic() - start)
            if column + len(word) > 76:
                print("\n  ", end="")
                column = 2
            print(" " * (column > 2) + word, end="", flush=True)
            column += len(word) + (column > 2)
    print()
    if not times or rest:
        sys.exit("the answer is not whole")
    print(f"  ({len(times)} words, as they came: "
          f"{times[-1] - times[0]:.2f} s from the first to the last)")


def seen(log, record, *words):
    lines = pathlib.Path(log).read_text().splitlines()
    for line in lines[-1:]:
        request, status, size, body = line.split("|", 3)
        print(f"  request line  {request}")
        print(f"  status, bytes {status}, {size} out")
        shown = 0
        for i, part in enumerate(re.findall(r"\\x..|.", body)):
            shown += len(part)
            if shown > 150:
                break
            if i == 0 or (shown - len(part)) // 50 != shown // 50:
                print("\n  body          " if i == 0 else "\n                ",
                      end="")
            print(part, end="")
        print(" ...")
    everything = pathlib.Path(log).read_bytes() + \
        pathlib.Path(record).read_bytes()
    found = [w for w in words if w.encode() in everything]
    if found:
        sys.exit(f"  FOUND in the clear: {', '.join(found)}")
    print(f"\n  In all {len(everything)} bytes that nginx wrote down or "
          "forwarded there is no")
    print("  " + ", ".join(f'"{w}"' for w in words) + ".")


def page():
    """Wraps what is longer than a line; no empty lines."""
    for line in sys.stdin.read().splitlines():
        if line.strip():
            indent = len(line) - len(line.lstrip())
            lines = textwrap.wrap(line.strip(), 80 - indent,
                                  break_on_hyphens=False)
            print(" " * indent + lines[0])
            for rest in lines[1:]:
                print(" " * indent + rest)


def reason(path):
    why = json.loads(pathlib.Path(path).read_text())["reason"]
    print(why["text"])


def extend(path, pcr, text):
    """TPM2_PCR_Extend with an empty password (TPM 2.0 part 3, 22.2)."""
    digest = hashlib.sha256(text.encode()).digest()
    password = struct.pack(">IIHBH", 9, 0x40000009, 0, 0, 0)
    body = struct.pack(">I", int(pcr)) + password + \
        struct.pack(">IH", 1, 0x000b) + digest
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(5)
        s.connect(path)
        s.sendall(struct.pack(">HII", 0x8002, 10 + len(body), 0x182) + body)
        answer = s.recv(4096)
    code = struct.unpack(">I", answer[6:10])[0]
    if code:
        sys.exit(f"the TPM answers {code:#x}")


def table(*rows):
    print(f"  {'attack':20} {'what was changed':25} {'noticed by':12} exit")
    print("  " + "-" * 64)
    for row in rows:
        attack, changed, noticed, code, words = row.split("|", 4)
        print(f"  {attack:20} {changed:25} {noticed:12} {code:>4}")
        print(textwrap.fill(f'"{words}"', 76, initial_indent=" " * 6,
                            subsequent_indent=" " * 6))


{"ports": ports, "arrive": arrive, "seen": seen, "extend": extend,
 "table": table, "page": page, "reason": reason}[sys.argv[1]](*sys.argv[2:])
