"""Documents of reference data on their way in: harmless, and such as the readers here can take."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from cur_tui.contract.packing import UnpackError
from cur_tui.domain.texts.text import neutralise


def harmless_reference(kind: str, document: bytes) -> bytes:
    """``document`` with every text in it neutralised: its names are drawn in a hundred places.

    A profile is read in whole, since the workstation could not start with one that it cannot read. Raises
    :class:`UnpackError`; what was known before then stays in force (:mod:`storage.database.unreadable`).
    """
    try:
        values = msgspec.convert(_neutralised(msgspec.json.decode(document)), dict[str, object])
        if kind == "profile":
            _check_profile(values)
        elif kind == "account":
            msgspec.convert(values, _Colleague)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnpackError("damaged") from error
    return msgspec.json.encode(values)


class _Colleague(msgspec.Struct):
    """What every reader of colleagues relies on."""

    account: str
    name: str


def _check_profile(document: Mapping[str, object]) -> None:
    from cur_tui.domain.profile.load import region_from_document  # a profile arrives once in a long while

    try:
        ZoneInfo(region_from_document(document).time_zone)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise UnpackError("damaged") from error


def _neutralised(value: object) -> object:
    if isinstance(value, str):
        return neutralise(value)
    if isinstance(value, list):
        return [_neutralised(item) for item in value]
    if isinstance(value, dict):
        return {neutralise(name): _neutralised(item) for name, item in value.items()}
    return value
