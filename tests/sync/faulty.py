"""A network that does to requests and answers what networks do."""

import json
from collections.abc import Callable, Iterator, Mapping

import httpx

Deliver = Callable[[httpx.Request], "Made"]
Fault = Callable[[httpx.Request, Deliver], httpx.Response]
"""Handles one request; may deliver it never, once or twice, and answer or not."""


class Made(httpx.Response):
    """An answer whose content can be looked at before the client reads it."""

    whole: bytes


def made(status: int, media: str, content: bytes, headers: Mapping[str, str] | None = None) -> Made:
    """An answer that is still to be read, as one from the network is."""
    answer = Made(status, headers={"Content-Type": media, **(headers or {})}, stream=_Stream(content))
    answer.whole = content
    return answer


def fine(request: httpx.Request, deliver: Deliver) -> httpx.Response:
    return deliver(request)


def lose_request(request: httpx.Request, deliver: Deliver) -> httpx.Response:
    raise httpx.ConnectError("lost", request=request)


def lose_answer(request: httpx.Request, deliver: Deliver) -> httpx.Response:
    deliver(request)
    raise httpx.ReadError("lost", request=request)


def duplicate(request: httpx.Request, deliver: Deliver) -> httpx.Response:
    deliver(request)
    return deliver(request)


def web_page(request: httpx.Request, deliver: Deliver) -> httpx.Response:
    return made(200, "text/html", b"<html>Sign in to the hotel's network</html>")


def failing(status: int, retry_after: str | None = None) -> Fault:
    """The server fails after it has not done anything."""

    def fault(request: httpx.Request, deliver: Deliver) -> httpx.Response:
        headers = {"Retry-After": retry_after} if retry_after else {}
        return made(status, "text/plain", b"oops", headers)

    return fault


def problem(status: int, code: str, **extra: object) -> Fault:
    """The server refuses by a problem of its own."""

    def fault(request: httpx.Request, deliver: Deliver) -> httpx.Response:
        body = json.dumps({"code": code, "status": status, "params": {}, **extra}).encode()
        return made(status, "application/problem+json", body)

    return fault


def cut(at: int, *, silently: bool) -> Fault:
    """The answer ends after ``at`` bytes: with an error of the connection, or as if it were whole."""

    def fault(request: httpx.Request, deliver: Deliver) -> httpx.Response:
        answer = deliver(request)
        if silently:
            return made(answer.status_code, answer.headers["Content-Type"], answer.whole[:at])
        return httpx.Response(
            answer.status_code,
            headers={"Content-Type": answer.headers["Content-Type"]},
            stream=_Stream(answer.whole[:at], breaks=True),
        )

    return fault


def when(condition: Callable[[httpx.Request], bool], fault: Fault) -> Fault:
    """``fault`` for requests that fulfil ``condition``; the others are fine."""

    def either(request: httpx.Request, deliver: Deliver) -> httpx.Response:
        return fault(request, deliver) if condition(request) else deliver(request)

    return either


def to(path: str, fault: Fault) -> Fault:
    """``fault`` for requests to addresses that end with ``path``."""
    return when(lambda request: request.url.path.endswith(path), fault)


class Network(httpx.BaseTransport):
    """Hands requests on over a real connection, through the fault in force.

    ``once`` takes faults for the next requests, one each; after them ``always`` counts.
    """

    def __init__(self) -> None:
        self._wire: httpx.HTTPTransport | None = None
        self.always: Fault = fine
        self.once: list[Fault] = []
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        self.requests.append(request)
        fault = self.once.pop(0) if self.once else self.always
        return fault(request, lambda asked: self.deliver(asked, body))

    def deliver(self, request: httpx.Request, body: bytes, *, late: bool = False) -> Made:
        """Bring ``request`` to the server and its whole answer back, uncompressed so that it can be cut.

        A ``late`` one belongs to no client any more: nobody can interrupt it.
        """
        if self._wire is None:
            # Each request on a connection of its own: the faults are ours to choose.
            self._wire = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
        headers = {**request.headers, "accept-encoding": "identity"}
        extensions = {} if late else request.extensions
        copy = httpx.Request(
            request.method, request.url, headers=headers, content=body, extensions=extensions
        )
        answer = self._wire.handle_request(copy)
        content = answer.read()
        answer.close()
        self.bodies.append(content)
        kept = {name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers}
        return made(answer.status_code, answer.headers.get("Content-Type", ""), content, kept)

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def factory(self) -> httpx.BaseTransport:
        """For clients that make their transport themselves, time and again."""
        return self


class _Stream(httpx.SyncByteStream):
    def __init__(self, content: bytes, *, breaks: bool = False) -> None:
        self._content, self._breaks = content, breaks

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        if self._breaks:
            raise httpx.ReadError("broken")
