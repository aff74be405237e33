"""A client that costs next to nothing: what is sent is made beforehand, what comes back is read afterwards.

Eight workstations would have a processor each; here they share two with the server that is measured.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Final
from urllib.parse import urlsplit

import msgspec

from bench.data.server import RunningRegion
from cur_tui.contract.wire import BatchResult, CommandBatch

PATH: Final = "/v1/commands"


class PlainClient:
    """A kept connection of one device."""

    def __init__(self, region: RunningRegion) -> None:
        self._connection = HTTPConnection(urlsplit(region.url).netloc)
        self._headers = {**region.headers(), "Content-Type": "application/json"}

    def send(self, body: bytes) -> bytes:
        """Send commands. RuntimeError unless the server answers with their results."""
        self._connection.request("POST", PATH, body, self._headers)
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} for {PATH}")
        return told

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def bodies(batches: Sequence[CommandBatch]) -> list[bytes]:
    """The batches as they are sent."""
    return [msgspec.json.encode(batch) for batch in batches]


def send_at_once(clients: Sequence[PlainClient], shares: Sequence[Sequence[bytes]]) -> list[bytes]:
    """Each client sends its share, one after the other; all clients at once. The answers."""

    def send(client: PlainClient, share: Sequence[bytes]) -> list[bytes]:
        return [client.send(body) for body in share]

    with ThreadPoolExecutor(len(clients)) as threads:
        return [answer for answers in threads.map(send, clients, shares) for answer in answers]


def expect_applied(answers: Sequence[bytes]) -> None:
    """AssertionError unless every command was applied."""
    for answer in answers:
        for result in msgspec.json.decode(answer, type=BatchResult).results:
            assert result.status == "applied", result
