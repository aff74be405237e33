"""Imports at the server: one request a method. What is long goes on there, whoever is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from cur_tui.contract import API_PREFIX
from cur_tui.contract.importing import (
    ImportFile,
    ImportJob,
    ImportJobs,
    ImportOptions,
    QuarantineAct,
    QuarantineOutcome,
    QuarantinePage,
    QuarantineRow,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cur_tui.sync.session import TokenSession
    from cur_tui.sync.transport import Transport

T = TypeVar("T")


class ImportCalls:
    """The requests about imports. Each may be repeated, and raises what the session raises."""

    def __init__(self, transport: Transport, session: TokenSession) -> None:
        self._transport = transport
        self._session = session

    def announce(self, file: ImportFile) -> ImportJob:
        """The job of a file: the unfinished one of the same content, if there is one."""
        return self._ask("POST", "/imports", ImportJob, file)

    def send_piece(self, job: ImportJob, start: int, data: bytes) -> ImportJob:
        """Send the piece of the file that begins at ``start``."""
        path = f"{API_PREFIX}/imports/{job.id}/file"
        span = f"bytes {start}-{start + len(data) - 1}/{job.size}"
        return self._session.authorised(
            lambda token: self._transport.put_bytes(path, ImportJob, data, content_range=span, token=token)
        )

    def run(self, id: str, options: ImportOptions) -> ImportJob:
        """Have the file looked at or imported; returns at once."""
        return self._ask("POST", f"/imports/{_part(id)}/run", ImportJob, options)

    def look(self, id: str) -> ImportJob:
        """Where a job stands."""
        return self._ask("GET", f"/imports/{_part(id)}", ImportJob)

    def stop(self, id: str) -> ImportJob:
        """End what runs; drop the file of what stands still."""
        return self._ask("DELETE", f"/imports/{_part(id)}", ImportJob)

    def latest(self) -> ImportJobs:
        """One's own latest jobs."""
        return self._ask("GET", "/imports", ImportJobs)

    def rows(self, state: str = "open", after: int = 0, limit: int = 100) -> QuarantinePage:
        """Rows of the quarantine."""
        query = f"state={_part(state)}&after={after}&limit={limit}"
        return self._ask("GET", f"/quarantine?{query}", QuarantinePage)

    def row(self, n: int) -> QuarantineRow:
        """One of them with its cells."""
        return self._ask("GET", f"/quarantine/{n}", QuarantineRow)

    def settle(self, n: int, act: QuarantineAct) -> QuarantineOutcome:
        """Mend a row or set it aside."""
        return self._ask("POST", f"/quarantine/{n}", QuarantineOutcome, act)

    def fetch_rows(self, job: str, give: Callable[[bytes], object]) -> None:
        """The open rows of a job as a file to be mended, piece by piece."""

        def read(token: str) -> None:
            path = f"{API_PREFIX}/imports/{_part(job)}/quarantine"
            with self._transport.get_bytes(path, 0, token=token) as (_, pieces):
                for piece in pieces:
                    give(piece)

        self._session.authorised(read)

    def _ask(self, method: str, path: str, answer: type[T], body: object = None) -> T:
        return self._session.authorised(
            lambda token: self._transport.call(method, API_PREFIX + path, answer, body=body, token=token)
        )


def _part(text: str) -> str:
    return quote(text, safe="")
