"""A server on this machine that speaks the chat-completions protocol and fails as it is told."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fault = Callable[["_Handler"], None]


class FakeEndpoint:
    """Answers every prompt with `reply(prompt)`, unless a fault stands next in `faults`.

    bodies: the requests received, with their headers under "headers"; busiest: most requests at one time.
    """

    def __init__(self, reply: Callable[[str], str] = str.upper) -> None:
        self.reply, self.faults, self.bodies = reply, [], []
        self.lock, self.now, self.busiest = threading.Lock(), 0, 0
        self.hold = threading.Event()
        self.hold.set()
        server = type("Server", (ThreadingHTTPServer,), {"daemon_threads": True, "fake": self})
        self._server = server(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def prompts(self) -> list[Any]:
        return [body["messages"][0]["content"] for body in self.bodies]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        fake: FakeEndpoint = self.server.fake  # type: ignore[attr-defined]
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with fake.lock:
            fake.now += 1
            fake.busiest = max(fake.busiest, fake.now)
            fake.bodies.append({**self.body, "path": self.path, "headers": dict(self.headers)})
            fault = fake.faults.pop(0) if fake.faults else None
        try:
            fake.hold.wait(10)
            if fault:
                fault(self)
            else:
                self.send(200, completion(fake.reply(self.body["messages"][0]["content"])))
        except OSError:
            pass
        finally:
            with fake.lock:
                fake.now -= 1

    def send(self, code: int, held: Any, **headers: str) -> None:
        data = held if isinstance(held, bytes) else json.dumps(held).encode()
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def completion(text: str | None, ending: str = "stop", **message: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": text, **message}, "finish_reason": ending}]}


def status(code: int, message: str = "", **headers: str) -> Fault:
    """An error of the protocol."""
    return lambda handler: handler.send(code, {"error": {"message": message}} if message else {}, **headers)


def raw(data: bytes) -> Fault:
    """Any body with status 200."""
    return lambda handler: handler.send(200, data)


def says(held: dict[str, Any]) -> Fault:
    """Any JSON with status 200."""
    return lambda handler: handler.send(200, held)


def half(handler: _Handler) -> None:
    """Announces a whole answer, sends half of it, closes."""
    data = json.dumps(completion("happy")).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data[: len(data) // 2])
    handler.close_connection = True


def reset(handler: _Handler) -> None:
    """Ends the connection with a TCP reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.rfile.close()
    handler.wfile.close()
    handler.connection.close()


def silent(release: threading.Event) -> Fault:
    """Sends nothing until it is released."""

    def wait(handler: _Handler) -> None:
        release.wait(10)
        handler.close_connection = True

    return wait


def drops(release: threading.Event) -> Fault:
    """Sends the answer a byte at a time, for longer than anyone should wait."""

    def drip(handler: _Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not release.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    return drip
