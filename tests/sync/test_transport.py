"""What comes back over HTTP: checked before it is data, bounded, and failing in two known ways only."""

import contextlib
import datetime
import gzip
import ipaddress
import json
import random
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cur_tui.contract import MAX_LINE
from cur_tui.contract.wire import Account
from cur_tui.i18n import translator
from cur_tui.sync.address import AddressError, parse_address
from cur_tui.sync.decoding import DamagedError, TooLargeError, split_lines, unfold
from cur_tui.sync.faults import NO_CONTACT, NoContact, ServerProblem
from cur_tui.sync.transport import Timeouts, Transport, parse_retry_after
from tests.sync.network import Script, ScriptedServer, answer, sending

QUICK = Timeouts(connect=2, read=2, write=2)


@contextlib.contextmanager
def talking_to(script: Script, timeouts: Timeouts = QUICK) -> Iterator[tuple[Transport, ScriptedServer]]:
    with ScriptedServer(script) as server:
        transport = Transport(server.address, timeouts=timeouts)
        try:
            yield transport, server
        finally:
            transport.close()


def failure_of(script: Script) -> NoContact | ServerProblem:
    """What a call makes of the answer."""
    with talking_to(script) as (transport, _), pytest.raises((NoContact, ServerProblem)) as caught:
        transport.call("GET", "/v1/me", dict[str, int])
    assert isinstance(caught.value, NoContact | ServerProblem)
    return caught.value


def lines_of(script: Script) -> list[bytes]:
    with talking_to(script) as (transport, _), transport.lines("/v1/changes", {}, token=None) as lines:
        return list(lines)


# --- addresses ---


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://API.Region.example/", "https://api.region.example"),
        ("https://api.region.example:8443/cur/", "https://api.region.example:8443/cur"),
        (" http://localhost:8000 ", "http://localhost:8000"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_good_addresses(given: str, meant: str) -> None:
    assert parse_address(given) == meant


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("http://api.region.example", "address_not_secure"),
        ("http://localhost.evil.example", "address_not_secure"),
        ("http://0.0.0.0", "address_not_secure"),
        ("http://10.0.0.1", "address_not_secure"),
        ("ftp://localhost", "address_invalid"),
        ("api.region.example", "address_invalid"),
        ("https://", "address_invalid"),
        ("https://name:secret@api.example", "address_invalid"),
        ("https://api.example/?x=1", "address_invalid"),
        ("https://api.example/#x", "address_invalid"),
        ("https://api.example:99999", "address_invalid"),
        ("https://api.exa mple", "address_invalid"),
        ("https://api.\x1bexample", "address_invalid"),
        ("https://[::1", "address_invalid"),
        ("", "address_invalid"),
    ],
)
def test_bad_addresses(given: str, code: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(given)
    assert caught.value.code == code
    assert "{" not in caught.value.sentence(translator("ru"))


# --- answers ---


def test_an_answer_is_read_and_the_request_says_who_asks() -> None:
    account = {"account": "ivanova", "name": "И. Иванова", "role": "operator", "blocks": ["*"]}
    body = json.dumps({**account, "authority": None, "permissions": [], "newer_field": 1}).encode()
    with talking_to(sending(answer(body))) as (transport, server):
        got = transport.call("POST", "/v1/x", Account, body={"a": "б"}, token="secret")
    assert got == Account("ivanova", "И. Иванова", "operator", ("*",), None, ())
    head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/x HTTP/1.1\r\n")
    lowered = head.lower()
    assert b"authorization: bearer secret" in lowered
    assert b"accept-encoding: zstd, gzip" in lowered
    assert b"user-agent: cur/" in lowered
    assert json.loads(sent) == {"a": "б"}


def test_proxies_and_roots_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with talking_to(sending(answer(b"{}"))) as (transport, _):
        assert transport.call("GET", "/v1/me", dict[str, int]) == {}


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (sending(answer(b"<html>sign in</html>", media="text/html; charset=utf-8")), "web_page"),
        (sending(answer(b"<html>", media="text/html", status="404 Not Found")), "web_page"),
        (sending(answer(b"", status="302 Found", headers="Location: http://127.0.0.1:9/\r\n")), "web_page"),
        (sending(answer(b"hello", media="text/plain")), "not_the_api"),
        (sending(answer(b"[]", status="404 Not Found")), "not_the_api"),
        (sending(answer(b'{"a": ')), "damaged"),
        (sending(answer(b'{"a": "text"}')), "damaged"),
        (sending(answer(b'{"a": 1e400}')), "damaged"),
        (sending(answer(b"[" * 100_000)), "damaged"),
        (sending(answer(b'{"a": "\xff"}')), "damaged"),
        (sending(answer(b"not gzip", headers="Content-Encoding: gzip\r\n")), "damaged"),
        (sending(answer(b"not zstd", headers="Content-Encoding: zstd\r\n")), "damaged"),
        (sending(answer(b"{}", headers="Content-Encoding: br\r\n")), "damaged"),
        (sending(answer(b"{}")[:-1]), "interrupted"),
        (sending(b"SSH-2.0-OpenSSH\r\n"), "interrupted"),
        (sending(), "interrupted"),
    ],
)
def test_what_is_not_an_answer(script: Script, code: str) -> None:
    failure = failure_of(script)
    assert isinstance(failure, NoContact)
    assert failure.code == code
    assert failure.params["server"].startswith("127.0.0.1:")


def test_nobody_there_and_nobody_known() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for address, code in ((f"http://127.0.0.1:{port}", "refused"), ("https://x.invalid", "unknown_host")):
        transport = Transport(address, timeouts=QUICK)
        with pytest.raises(NoContact) as caught:
            transport.call("GET", "/v1/me", dict[str, int])
        assert caught.value.code == code
        transport.close()


def test_a_silent_server_times_out() -> None:
    silent = threading.Event()
    with (
        talking_to(lambda _request, _connection: silent.wait(30) and None, Timeouts(2, 0.1, 2)) as (
            transport,
            _,
        ),
        pytest.raises(NoContact) as caught,
    ):
        transport.call("GET", "/v1/me", dict[str, int])
    silent.set()
    assert caught.value.code == "timeout"


def test_a_problem_is_the_servers_word() -> None:
    problem = {
        "type": "urn:cur:problem:scope_changed",
        "title": "x",
        "status": 409,
        "detail": "x",
        "code": "scope_changed",
        "params": {"a": "b"},
        "out": ["1", "2"],
    }
    failure = failure_of(
        sending(answer(json.dumps(problem).encode(), media="application/problem+json", status="409 Conflict"))
    )
    assert isinstance(failure, ServerProblem)
    assert (failure.code, failure.status, failure.params) == ("scope_changed", 409, {"a": "b"})
    assert failure.extra == {"out": ["1", "2"]}
    assert failure.is_answer


def test_an_unknown_problem_is_told_in_the_servers_own_words() -> None:
    problem = {"code": "from_the_future", "detail_ru": "Из будущего.", "detail_en": "From the future."}
    failure = failure_of(
        sending(answer(json.dumps(problem).encode(), media="application/problem+json", status="409 Conflict"))
    )
    assert failure.sentence(translator("ru")) == "Из будущего."
    assert failure.sentence(translator("en")) == "From the future."


@pytest.mark.parametrize("status", ["500 x", "502 x", "503 x", "429 x"])
@pytest.mark.parametrize("media", ["text/html", "text/plain", "application/problem+json"])
def test_a_failing_server_gives_no_answer(status: str, media: str) -> None:
    failure = failure_of(sending(answer(b"oops", status=status, media=media, headers="Retry-After: 7\r\n")))
    assert isinstance(failure, ServerProblem)
    assert not failure.is_answer
    assert failure.retry_after == 7
    assert status[:3] in failure.sentence(translator("ru"))


def test_retry_after_in_both_forms() -> None:
    now = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
    assert parse_retry_after("120", now) == 120
    assert parse_retry_after("Sat, 21 Nov 2026 12:01:00 GMT", now) == 60
    assert parse_retry_after("Sat, 21 Nov 2026 11:00:00 GMT", now) == 0
    for nonsense in (None, "", "soon", "-5", "٣", "Sat, 99 Nov"):
        assert parse_retry_after(nonsense, now) is None


def test_random_bytes_never_escape_as_another_exception() -> None:
    rng = random.Random(7)
    good = answer(gzip.compress(b'{"a":1}'), headers="Content-Encoding: gzip\r\n")
    current = b""

    def script(_request: bytes, connection: socket.socket) -> None:
        connection.sendall(current)

    with talking_to(script) as (transport, _):
        for _ in range(150):
            damaged = bytearray(good)
            for _ in range(rng.randint(1, 6)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            current = bytes(damaged[: rng.randint(1, len(damaged))])
            with contextlib.suppress(NoContact, ServerProblem):
                transport.call("GET", "/v1/me", dict[str, int])


def test_a_program_that_stays_local_loads_neither_http_nor_the_writer() -> None:
    code = (
        "import sys, cur_tui.sync.runner, cur_tui.services.access.signin, cur_tui.services.secrets.vault; "
        "print(sorted({'httpx', 'keyring', 'cryptography', 'sqlalchemy', 'zstandard'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- streams and limits ---

NDJSON = "application/x-ndjson"


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
def test_lines_in_every_encoding(encoding: str) -> None:
    wanted = [json.dumps({"n": n, "text": "ж" * (n % 50)}).encode() for n in range(5_000)]
    body = b"\n".join(wanted) + b"\n"
    coded = {"identity": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}[encoding](body)
    assert (
        lines_of(sending(answer(coded, media=NDJSON, headers=f"Content-Encoding: {encoding}\r\n"))) == wanted
    )


@pytest.mark.failure(33)
@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_small_answer_that_unfolds_to_a_mountain_is_refused(encoding: str) -> None:
    mountain = (b"x" * 9_999 + b"\n") * 7_000
    coded = {"gzip": gzip.compress, "zstd": zstandard.compress}[encoding](mountain)
    del mountain
    with pytest.raises(NoContact) as caught:
        lines_of(sending(answer(coded, media=NDJSON, headers=f"Content-Encoding: {encoding}\r\n")))
    assert caught.value.code == "too_large"


def test_pieces_stay_small_however_much_one_chunk_unfolds_to() -> None:
    bomb = zstandard.compress(b"\0" * 32_000_000)
    assert max(len(piece) for piece in unfold([bomb], "zstd")) <= 65_536
    bomb = gzip.compress(b"\0" * 32_000_000)
    assert max(len(piece) for piece in unfold([bomb], "gzip")) <= 65_536


@pytest.mark.failure(33)
def test_a_line_without_end_is_refused() -> None:
    endless = b"x" * (MAX_LINE + 65_536)
    with pytest.raises(NoContact) as caught:
        lines_of(sending(answer(endless, media=NDJSON)))
    assert caught.value.code == "too_large"


def test_splitting_does_not_depend_on_where_the_chunks_end() -> None:
    rng = random.Random(3)
    text = "".join(rng.choice("aж\n") for _ in range(3_000)).encode()
    wanted = [line for line in text.split(b"\n") if line]
    for _ in range(50):
        cuts = sorted(rng.randrange(len(text)) for _ in range(20))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert list(split_lines(pieces)) == wanted
    with pytest.raises(TooLargeError):
        list(split_lines([b"12345\n"], limit=4))
    with pytest.raises(DamagedError):
        list(unfold([b"x"], "deflate"))


def test_a_stream_that_breaks_off_is_told_while_it_is_read() -> None:
    whole = answer(b'{"n":1}\n{"n":2}\n', media=NDJSON)
    seen: list[bytes] = []
    with (
        talking_to(sending(whole[:-8])) as (transport, _),
        pytest.raises(NoContact) as caught,
        transport.lines("/v1/changes", {}, token=None) as lines,
    ):
        seen.extend(lines)
    assert seen == [b'{"n":1}']
    assert caught.value.code == "interrupted"


@pytest.mark.failure(31)
def test_a_web_page_instead_of_a_stream() -> None:
    with pytest.raises(NoContact) as caught:
        lines_of(sending(answer(b"<html>", media="text/html")))
    assert caught.value.code == "web_page"


def test_a_waiting_poll_is_woken_at_once() -> None:
    reached, released = threading.Event(), threading.Event()

    def hold(_request: bytes, _connection: socket.socket) -> None:
        reached.set()
        released.wait(60)

    failures: list[NoContact] = []
    with talking_to(hold, Timeouts(2, 60, 2)) as (transport, _):

        def poll() -> None:
            try:
                with transport.lines("/v1/changes", {}, token=None, wait=25) as lines:
                    list(lines)
            except NoContact as failure:
                failures.append(failure)

        thread = threading.Thread(target=poll)
        thread.start()
        assert reached.wait(10)
        transport.shut_down()
        thread.join(10)
        assert not thread.is_alive()
        with pytest.raises(NoContact) as caught:
            transport.call("GET", "/v1/me", dict[str, int])
    released.set()
    assert [failure.code for failure in failures] == ["stopped"] == [caught.value.code]


def test_every_reason_has_its_sentence_in_both_languages() -> None:
    params = dict.fromkeys(("server", "reason", "status", "limit", "path"), "x")
    for code in NO_CONTACT:
        sentences = {NoContact(code, params).sentence(translator(language)) for language in ("ru", "en")}
        assert len(sentences) == 2
        assert not any("{" in sentence for sentence in sentences)


# --- TLS ---


class Authority:
    """A certificate authority that lives for one test."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = self._signed(subject, self._key, days=30, address=None, issuer=subject)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def server_context(self, *, days: int = 30, address: str = "127.0.0.1") -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        certificate = self._signed(subject, key, days=days, address=address, issuer=self._certificate.subject)
        path = self._folder / f"{self._name}-server.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        days: int,
        address: str | None,
        issuer: x509.Name,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=60))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=address is None, path_length=None), critical=True)
        )
        if address is not None:
            names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def over_tls(context: ssl.SSLContext, ca_file: Path | None) -> dict[str, int]:
    with ScriptedServer(sending(answer(b'{"a":1}')), tls=context) as server:
        transport = Transport(server.address, ca_file=ca_file, timeouts=QUICK)
        try:
            return transport.call("GET", "/v1/me", dict[str, int])
        finally:
            transport.close()


def test_the_regions_own_authority_is_enough(tmp_path: Path) -> None:
    region = Authority(tmp_path, "region")
    assert over_tls(region.server_context(), region.file) == {"a": 1}


def test_certificates_that_must_not_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    region, stranger = Authority(tmp_path, "region"), Authority(tmp_path, "stranger")
    # The environment names the stranger as a root: it must not count.
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.file))
    for context, ca_file in (
        (stranger.server_context(), region.file),
        (region.server_context(days=-1), region.file),
        (region.server_context(address="127.0.0.2"), region.file),
        (stranger.server_context(), None),
    ):
        with pytest.raises(NoContact) as caught:
            over_tls(context, ca_file)
        assert caught.value.code == "certificate"
        assert caught.value.params["reason"]


def test_an_old_protocol_is_refused(tmp_path: Path) -> None:
    region = Authority(tmp_path, "region")
    context = region.server_context()
    with pytest.deprecated_call():
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(NoContact) as caught:
        over_tls(context, region.file)
    assert caught.value.code == "tls"


@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_a_ca_file_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NoContact) as caught:
        Transport("https://127.0.0.1:9", ca_file=path).call("GET", "/v1/me", dict[str, int])
    assert caught.value.code == "ca_file"
    assert caught.value.params["path"] == str(path)
