"""HTTP to the regional server: blocking, from any thread, and with nothing but two kinds of failure.

Nothing of the environment is trusted: no proxy variables, no ``SSL_CERT_FILE``, no redirects. What comes back
is checked before it is read as data, since hotel portals answer every question with a page and status 200.
The HTTP library is imported at the first request, so that programs that stay local start without it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from cur_tui import i18n
from cur_tui.sync import http_library
from cur_tui.sync.address import parse_address
from cur_tui.sync.connections import Connections
from cur_tui.sync.decoding import (
    ACCEPT_ENCODING,
    MAX_DECODED,
    DamagedError,
    TooLargeError,
    split_lines,
    unfold,
)
from cur_tui.sync.faults import TRANSIENT, NoContact, ServerProblem
from cur_tui.sync.network_errors import no_contact_from
from cur_tui.sync.program import app_version
from cur_tui.tls import tls_context

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

Query = Mapping[str, str | Sequence[str]]
"""The values after the question mark; several of one name as a list."""

NDJSON: Final = "application/x-ndjson"
JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"
PROBLEM: Final = "application/problem+json"
_PROBLEM_MEMBERS: Final = frozenset(
    ("type", "title", "status", "detail", "instance", "code", "params", "detail_ru", "detail_en")
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds without progress after which a request is given up."""

    connect: float = 5.0
    read: float = 30.0
    write: float = 30.0


class Transport:
    """One server, one connection pool. Safe to use from several threads.

    ``ca_file`` replaces the system's trust roots: a region with a CA of its own trusts that one only.
    ``inner`` replaces the network (tests of faults). Raises :class:`AddressError`.
    """

    def __init__(
        self,
        server: str,
        *,
        ca_file: Path | None = None,
        timeouts: Timeouts | None = None,
        inner: httpx.BaseTransport | None = None,
    ) -> None:
        self.server = parse_address(server)
        self.host = urlsplit(self.server).netloc
        self._ca_file = ca_file
        self._timeouts = timeouts or Timeouts()
        self._inner = inner
        self._connections = Connections()
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()

    # --- what callers use -------------------------------------------------------------------------------

    def call(
        self, method: str, path: str, answer: type[T], *, body: object = None, token: str | None = None
    ) -> T:
        """Send ``body`` as JSON and read the answer as ``answer``.

        Raises :class:`NoContact` and :class:`ServerProblem`, and nothing else.
        """
        content = None if body is None else msgspec.json.encode(body)
        with self._answer(method, path, {}, content, token, self._timeouts.read) as (response, pieces):
            if response.status_code == 204:
                return msgspec.convert(None, answer)
            self._expect(response, JSON)
            document = b"".join(pieces)
        try:
            return msgspec.json.decode(document, type=answer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._no_contact("damaged", reason="JSON") from None

    def put_bytes(
        self, path: str, answer: type[T], data: bytes, *, content_range: str | None, token: str | None
    ) -> T:
        """Send a piece of a file, or a whole one, and read what the server says of it; raises like
        :meth:`call`.
        """
        headers = {"Content-Type": BYTES}
        if content_range is not None:
            headers["Content-Range"] = content_range
        with self._answer("PUT", path, {}, data, token, self._timeouts.read, headers) as (response, pieces):
            self._expect(response, JSON)
            document = b"".join(pieces)
        try:
            return msgspec.json.decode(document, type=answer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._no_contact("damaged", reason="JSON") from None

    @contextlib.contextmanager
    def get_bytes(self, path: str, start: int, *, token: str | None) -> Iterator[tuple[int, Iterator[bytes]]]:
        """A file from byte ``start`` on: where the answer really begins, and its pieces.

        Raises like :meth:`lines`. A server that knows no parts begins at 0.
        """
        headers = {"Range": f"bytes={start}-"} if start else {}
        with self._answer("GET", path, {}, None, token, self._timeouts.read, headers) as (response, pieces):
            if _media_type(response) in ("text/html", "application/xhtml+xml", JSON):
                self._expect(response, BYTES)
            yield (start if response.status_code == 206 else 0), pieces

    @contextlib.contextmanager
    def lines(
        self, path: str, query: Query, *, token: str | None, wait: float = 0.0
    ) -> Iterator[Iterator[bytes]]:
        """The lines of a stream. ``wait``: seconds that the server may hold its answer back.

        Raises :class:`NoContact` and :class:`ServerProblem`, also while the lines are read.
        """
        with self._answer("GET", path, query, None, token, self._timeouts.read + wait) as (response, pieces):
            self._expect(response, NDJSON)
            yield split_lines(pieces)

    def shut_down(self) -> None:
        """Wake every thread that waits for an answer; each gets :class:`NoContact` ``stopped``."""
        self._connections.shut_down()

    def close(self) -> None:
        """Stop everything and give the connections back."""
        self.shut_down()
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    # --- one exchange -----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        query: Query,
        content: bytes | None,
        token: str | None,
        read_timeout: float,
        more: Mapping[str, str] | None = None,
    ) -> Iterator[tuple[httpx.Response, Iterator[bytes]]]:
        http_library.load()
        import httpx

        headers = {"Accept-Language": i18n.current().language}
        if content is not None:
            headers["Content-Type"] = JSON
        headers.update(more or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        timeouts = self._timeouts
        try:
            client = self._opened()
            request = client.build_request(
                method,
                self.server + path,
                params=dict(query) or None,
                content=content,
                headers=headers,
                timeout=httpx.Timeout(
                    connect=timeouts.connect, read=read_timeout, write=timeouts.write, pool=timeouts.connect
                ),
                extensions={"trace": self._connections.trace},
            )
            response = client.send(request, stream=True)
            with contextlib.closing(response):
                pieces = unfold(
                    response.iter_raw(), response.headers.get("content-encoding", ""), limit=MAX_DECODED
                )
                if response.status_code not in (200, 201, 204, 206):
                    raise self._problem(response, pieces)
                yield response, pieces
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError) as error:
            if self._connections.is_shut:
                raise self._no_contact("stopped") from None
            raise no_contact_from(error, self.host) from error
        except DamagedError as error:
            raise self._no_contact("damaged", reason=str(error)) from error
        except TooLargeError as error:
            raise self._no_contact("too_large", limit=str(error.limit)) from error

    def _opened(self) -> httpx.Client:
        import httpx

        with self._lock:
            if self._connections.is_shut:
                raise self._no_contact("stopped")
            if self._client is None:
                try:
                    verify = tls_context(self._ca_file) if self.server.startswith("https") else False
                except OSError as error:
                    reason = error.strerror or type(error).__name__
                    raise self._no_contact("ca_file", path=str(self._ca_file), reason=reason) from error
                self._client = httpx.Client(
                    transport=self._inner,
                    verify=verify,
                    trust_env=False,
                    follow_redirects=False,
                    limits=httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=30),
                    headers={"User-Agent": f"cur/{app_version()}", "Accept-Encoding": ACCEPT_ENCODING},
                )
            return self._client

    # --- reading the answer -----------------------------------------------------------------------------

    def _expect(self, response: httpx.Response, wanted: str) -> None:
        given = _media_type(response)
        if given == wanted:
            return
        if given in ("text/html", "application/xhtml+xml"):
            raise self._no_contact("web_page")
        raise self._no_contact("not_the_api", status=str(response.status_code))

    def _problem(self, response: httpx.Response, pieces: Iterator[bytes]) -> Exception:
        """What an answer other than success means."""
        status = response.status_code
        retry_after = parse_retry_after(response.headers.get("retry-after"), datetime.now(UTC))
        if _media_type(response) == PROBLEM:
            problem = _read_problem(b"".join(pieces), status, retry_after)
            if problem is not None:
                return problem
        if status >= 500 or status in TRANSIENT:
            params = {"server": self.host, "status": str(status)}
            return ServerProblem("unavailable", params, status, retry_after=retry_after)
        if 300 <= status < 400 or _media_type(response) == "text/html":
            return self._no_contact("web_page")
        return self._no_contact("not_the_api", status=str(status))

    def _no_contact(self, code: str, **params: str) -> NoContact:
        return NoContact(code, {"server": self.host, **params})


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a ``Retry-After``, given as seconds or as a date; None for anything else."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _media_type(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _read_problem(document: bytes, status: int, retry_after: float | None) -> ServerProblem | None:
    try:
        members = msgspec.json.decode(document, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    code, params = members.get("code"), members.get("params")
    if not isinstance(code, str):
        return None
    return ServerProblem(
        code,
        {name: str(value) for name, value in params.items()} if isinstance(params, dict) else {},
        status,
        extra={name: value for name, value in members.items() if name not in _PROBLEM_MEMBERS},
        details={language: str(members.get(f"detail_{language}") or "") for language in i18n.LANGUAGES},
        retry_after=retry_after,
    )
