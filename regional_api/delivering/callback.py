"""A receiver says later what became of a text: signed as its webhooks are, counted once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.text import neutralise, one_line
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.database.identifiers import is_identifier
from regional_api.database.store import load
from regional_api.delivering.network import CannotConnectError
from regional_api.delivering.settings import DeliverySettings, read_settings
from regional_api.delivering.signing import ID, is_signed, read_keys
from regional_api.delivering.tables import DELIVERY, DELIVERY_ATTEMPT
from regional_api.delivering.telling import tell
from regional_api.delivering.webhook import read_receipt
from regional_api.delivering.worker import NoAccountError, courier
from regional_api.unit_of_work import unit_of_work

_MAX_REASON = 500
_RESULTS = {"delivered": "confirmed", "accepted": "sent", "failed": "failed"}


def take_receipt(centre: Centre, delivery: str, headers: Mapping[str, str], body: bytes) -> None:
    """Put down what the receiver of ``delivery`` says; a repeat changes nothing.

    Raises :class:`Refused`: ``signature_invalid``, also where there is no such delivery, so that nobody
    without the key learns of it; ``malformed``; ``not_deliverable`` for a text that is not on its way.
    """
    with centre.database.reading() as connection:
        settings = read_settings(connection)
        row = _known(connection, delivery)
        if settings is None or row is None:
            raise Refused("signature_invalid")
        try:
            keys = _keys(connection, settings, row)
            caller = courier(connection, centre, settings)
        except (CannotConnectError, NoAccountError):
            raise Refused("signature_invalid") from None
    if not is_signed(keys, headers, body, seconds(now())):
        raise Refused("signature_invalid")
    receipt = read_receipt(body)
    # Without a word it may be our own text, which we signed with the same key, on its way back to us.
    if receipt is None or not receipt.status:
        raise Refused("malformed", reason="not a receipt")
    with unit_of_work(centre.database, centre.rulebook) as work:
        stored = load(work.connection, [row.appeal], lock=True).get(row.appeal)
        answer = stored.appeal.answer(row.answer) if stored is not None else None
        if stored is None or answer is None:
            raise Refused("signature_invalid")
        tell(
            work,
            caller,
            stored,
            answer,
            _RESULTS[receipt.status],
            said=f"{delivery}\n{headers[ID]}",
            reference=receipt.reference,
            reason=one_line(neutralise(receipt.reason), _MAX_REASON) or "delivery:refused",
        )


def _known(connection: Connection, delivery: str) -> Row[Any] | None:
    if not is_identifier(delivery):
        return None
    return connection.execute(select(DELIVERY).where(DELIVERY.c.id == delivery)).one_or_none()


def _keys(connection: Connection, settings: DeliverySettings, row: Row[Any]) -> tuple[bytes, ...]:
    """The keys of whoever was handed the text: it may speak late, when the text waits for another already."""
    tried = select(DELIVERY_ATTEMPT.c.receiver).where(DELIVERY_ATTEMPT.c.delivery == row.id)
    names = {*connection.execute(tried).scalars(), row.receiver or ""}
    hooks = (hook for hook in settings.webhook if hook.name in names)
    return tuple(key for hook in hooks for key in read_keys(hook.secret_files))
