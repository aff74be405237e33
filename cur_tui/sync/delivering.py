"""What the server is asked about deliveries. Every question blocks until it answers."""

import hashlib
from urllib.parse import urlencode

from cur_tui.contract import API_PREFIX
from cur_tui.contract.delivering import DeliveryPage, DeliverySheet, ReceiptReport, SheetFile, SheetRequest
from cur_tui.domain.refusal import Refused
from cur_tui.sync.files import fetch_file
from cur_tui.sync.session import TokenSession
from cur_tui.sync.transport import Transport

_PATH = f"{API_PREFIX}/deliveries"


class DeliveryCalls:
    """The questions, in the name of who is signed in. Raise :class:`NoContact` and :class:`ServerProblem`."""

    def __init__(self, transport: Transport, session: TokenSession) -> None:
        self._transport = transport
        self._session = session

    def page(self, state: str | None = None, limit: int = 50, after: str | None = None) -> DeliveryPage:
        """Deliveries in ``state``, the last changed first; those that are not over for None."""
        given = {"limit": str(limit), "state": state, "after": after}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        return self._session.authorised(
            lambda token: self._transport.call("GET", f"{_PATH}?{query}", DeliveryPage, token=token)
        )

    def sheet(self, id: str, *, only_new: bool = False) -> DeliverySheet:
        """What is to be posted by hand; the server notes that it was handed out, and to whom. Under the same
        ``id`` it is the same again.
        """
        body = SheetRequest(only_new, id)
        return self._session.authorised(
            lambda token: self._transport.call(
                "POST", f"{_PATH}/sheet", DeliverySheet, body=body, token=token
            )
        )

    def file(self, file: SheetFile) -> bytes:
        """The bytes of a file that belongs to a text. Raises ``hash_mismatch`` when they are not its own."""
        pieces: list[bytes] = []
        fetch_file(self._transport, self._session, file.sha256, 0, lambda _: pieces.clear(), pieces.append)
        data = b"".join(pieces)
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise Refused("hash_mismatch")
        return data

    def receipts(self, data: bytes) -> ReceiptReport:
        """What became of a sheet that was filled in."""
        return self._session.authorised(
            lambda token: self._transport.put_bytes(
                f"{_PATH}/receipts", ReceiptReport, data, content_range=None, token=token
            )
        )
