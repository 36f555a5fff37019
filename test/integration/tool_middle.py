"""A middle between the tool and the gateway that does what it is told: one
plan per message, in order; afterwards it behaves.  Plain HTTP/1.1, one
message per connection, no knowledge of HTTPA.

A plan is called with the request (bytes of head, bytes of content) and a
function that carries it to the gateway; it returns the bytes to answer, or
None to drop the connection."""
import socket
import threading


def read_message(f):
    """(head, content) of one message with Content-Length or chunked."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = f.readline()
        if not line:
            return None
        head += line
    fields = head.lower()
    content = b""
    if b"transfer-encoding: chunked" in fields:
        while True:
            line = f.readline()
            size = int(line.split(b";")[0], 16)
            piece = f.read(size + 2)
            content += line + piece
            if size == 0:
                return head, content
    if b"content-length:" in fields:
        n = int(fields.split(b"content-length:")[1].split(b"\r\n")[0])
        content = f.read(n)
    return head, content


def answer(status, fields=(), content=b""):
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}",
             "Connection: close", *fields, "", ""]
    return "\r\n".join(lines).encode() + content


class Middle:
    def __init__(self, gateway_port, port=0):
        self.up = gateway_port
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.plans = []
        self.seen = []  # (method, head) of every message
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                c, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(c,),
                             daemon=True).start()

    def carry(self, head, content):
        """To the gateway and back: the bytes of its answer."""
        head = head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.up)) as s:
            s.sendall(head + content)
            out = b""
            while piece := s.recv(65536):
                out += piece
        return out

    def serve(self, c):
        with c, c.makefile("rb") as f:
            message = read_message(f)
            if message is None:
                return
            with self.lock:
                self.seen.append(message[0])
                plan = self.plans.pop(0) if self.plans else None
            try:
                out = plan(*message, self.carry) if plan else \
                    self.carry(*message)
                c.sendall(out or b"")
            except OSError:  # one of the ends has gone
                return

    def methods(self):
        return [head.split(b" ")[0].decode() for head in self.seen]


# ---- plans

def says(status, *fields, content=b""):
    """Answers by itself; the gateway sees nothing."""
    return lambda head, body, carry: answer(status, fields, content)


def drops(head, body, carry):
    return None


def carries(head, body, carry):
    return carry(head, body)


def loses_the_answer(head, body, carry):
    carry(head, body)
    return None


def repeats(head, body, carry):
    """The gateway gets it twice; the second answer is passed on."""
    carry(head, body)
    return carry(head, body)


def changes(edit):
    """Passes on what `edit` makes of the answer's head and content."""
    def plan(head, body, carry):
        out_head, _, out = carry(head, body).partition(b"\r\n\r\n")
        out_head, out = edit(out_head, out)
        return out_head + b"\r\n\r\n" + out
    return plan
