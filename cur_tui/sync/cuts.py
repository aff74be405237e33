"""Sharing cuts through the server. What is shared comes back as reference data, to everybody."""

from urllib.parse import quote

from cur_tui.contract import API_PREFIX
from cur_tui.domain.figures.cuts import SavedCut
from cur_tui.sync.session import TokenSession
from cur_tui.sync.transport import Transport


class CutCalls:
    """The requests about cuts. Each may be repeated, blocks, and raises what the session raises."""

    def __init__(self, transport: Transport, session: TokenSession) -> None:
        self._transport = transport
        self._session = session

    def share(self, saved: SavedCut) -> SavedCut:
        """Keep a cut for everybody, with its schedule; the cut as the server keeps it."""
        path = _path(saved.id)
        return self._session.authorised(
            lambda token: self._transport.call("PUT", path, SavedCut, body=saved, token=token)
        )

    def remove(self, id: str) -> None:
        """Take a cut away from everybody."""
        path = _path(id)
        self._session.authorised(lambda token: self._transport.call("DELETE", path, type(None), token=token))


def _path(id: str) -> str:
    return f"{API_PREFIX}/cuts/{quote(id, safe='')}"
