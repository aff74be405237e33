"""Documents of appeals out of the cache."""

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import UnpackError, unpack
from cur_tui.domain.model import Appeal
from storage.errors import CacheError


def appeal_of(stored: bytes, applicant: bytes | None) -> Appeal:
    """The appeal of a document in its ``stored`` form. Raises :class:`CacheError` ``cache_unreadable``.

    Whoever knows the place of the cache names it (:func:`storage.errors.driver_errors`).
    """
    try:
        document = unpack(stored)
    except UnpackError:
        raise CacheError("cache_unreadable") from None
    return decode_appeal(document, applicant)
