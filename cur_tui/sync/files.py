"""Files of attachments on their way: sent in pieces that go on where they broke off, fetched likewise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cur_tui.contract import API_PREFIX
from cur_tui.contract.wire import BlobState
from cur_tui.sync.faults import ServerProblem
from cur_tui.sync.session import TokenSession
from cur_tui.sync.transport import Transport
from storage.cache import Cache

PIECE: Final = 256 * 1024
"""Bytes of a piece: what a broken connection costs, and how long commands wait for a file at most."""


class FileSender:
    """Sends the files that wait in a cache, one piece at a time, so that commands go in between.

    Nothing here remembers what was sent: the server says where it stands. The command that attaches a file
    follows only when the server has found it whole, and takes the file's place in one transaction.
    """

    def __init__(self, cache: Cache, transport: Transport, session: TokenSession) -> None:
        self._cache = cache
        self._transport = transport
        self._session = session
        self._known: BlobState | None = None
        """What the server said last, of the file that is being sent."""

    def step(self) -> bool:
        """Send the next piece; False when there is nothing to send.

        Raises what the session raises; a refusal of the file itself is kept with the file instead.
        """
        file = self._cache.reader.next_upload()
        if file is None:
            return False
        known, self._known = self._known, None
        try:
            if known is None or known.sha256 != file.sha256:
                known = self._put(file.sha256, f"bytes */{file.size}", b"")
            if known.media_type is None:
                start = known.received or 0
                data = self._cache.reader.upload_piece(file.id, start, PIECE)
                end = start + len(data)
                if not data:
                    return True  # it was taken back meanwhile
                known = self._put(file.sha256, f"bytes {start}-{end - 1}/{file.size}", data)
        except ServerProblem as problem:
            if not problem.is_answer or problem.status == 401:
                raise
            self._cache.writer.refuse_upload(file.id, problem.code, problem.params)
            return True
        if known.media_type is None:
            self._known = known
        else:
            self._cache.writer.finish_upload(file.id, known.media_type)
        return True

    def _put(self, sha256: str, content_range: str, data: bytes) -> BlobState:
        path = f"{API_PREFIX}/blobs/{sha256}"
        return self._session.authorised(
            lambda token: self._transport.put_bytes(
                path, BlobState, data, content_range=content_range, token=token
            )
        )


def fetch_file(
    transport: Transport,
    session: TokenSession,
    sha256: str,
    start: int,
    begin: Callable[[int], None],
    give: Callable[[bytes], None],
) -> None:
    """Read the file ``sha256`` from byte ``start`` on. ``begin`` hears where the answer really begins, then
    ``give`` gets its pieces. Raises what the session raises; whole is only what has the right hash.
    """

    def read(token: str) -> None:
        with transport.get_bytes(f"{API_PREFIX}/blobs/{sha256}", start, token=token) as (first, pieces):
            begin(first)
            for piece in pieces:
                give(piece)

    session.authorised(read)
