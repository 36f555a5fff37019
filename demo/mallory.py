#!/usr/bin/env python3
"""Mallory: owns the machine between nginx and the service.

He sees what nginx forwards after it ended TLS, and does with it what the file
MODE says at that moment:

  pass     forwards, and keeps a copy of every byte
  flip     changes one byte of a sealed answer
  replay   delivers each sealed request, then delivers it once more
  swap     answers each sealed request but the first with the first one's answer

RECORD gets all bytes of both directions, NOTES a line for each thing done.
He needs no keys for any of this, and gets none.

usage: mallory.py PORT SERVICE-PORT MODE RECORD NOTES
"""
import pathlib
import re
import socket
import sys
import threading

PORT, SERVICE = int(sys.argv[1]), int(sys.argv[2])
MODE, RECORD, NOTES = (pathlib.Path(a) for a in sys.argv[3:])
lock = threading.Lock()
first_answer = None


def append(path, data):
    with lock, path.open("ab") as f:
        f.write(data)


def read_request(c):
    """nginx speaks HTTP/1.0 to its upstreams, with Content-Length."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = c.recv(65536)
        if not piece:
            return raw
        raw += piece
    head = raw[:raw.index(b"\r\n\r\n") + 4]
    length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
    while len(raw) < len(head) + int(length[1] if length else 0):
        piece = c.recv(65536)
        if not piece:
            break
        raw += piece
    return raw


def ask(request):
    """The service's answer, in pieces as they come."""
    with socket.create_connection(("127.0.0.1", SERVICE)) as s:
        s.sendall(request)
        while piece := s.recv(65536):
            append(RECORD, piece)
            yield piece


def note_second_answer(answer):
    status = answer.split(b" ", 2)[1].decode("ascii", "replace")
    error = re.search(rb"(?i)\nattest-error: *([^\r;]*)", answer)
    append(NOTES, f"replay: {status} "
                  f"{error[1].decode() if error else 'accepted'}\n".encode())


def serve(c):
    global first_answer
    request = read_request(c)
    append(RECORD, request)
    sealed = re.search(rb"(?i)\nattest-ticket:", request) is not None
    mode = MODE.read_text().strip() if sealed else "pass"
    if mode in ("flip", "swap"):
        answer = b"".join(ask(request))
        if mode == "flip":
            # The last byte but one: inside the tag of the last record.
            answer = answer[:-2] + bytes([answer[-2] ^ 1]) + answer[-1:]
        else:
            first_answer = answer = first_answer or answer
        c.sendall(answer)
        return
    for piece in ask(request):
        c.sendall(piece)
    if mode == "replay":
        note_second_answer(b"".join(ask(request)))


def run(c):
    with c:
        try:
            serve(c)
        except OSError:
            pass  # somebody hung up: so does he


listener = socket.create_server(("127.0.0.1", PORT))
while True:
    threading.Thread(target=run, args=(listener.accept()[0],),
                     daemon=True).start()
