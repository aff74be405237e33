"""Refusals as the standard wants them: 404 for what is not there, 403 for a key, 400 for whatever else.

Only what tells a client to come again keeps a status of its own: 429, and the 5xx of our own faults.
"""

from typing import Final

from starlette.responses import Response

from cur_tui.contract.problems import PROBLEMS, sentence
from cur_tui.domain.refusal import Refused
from regional_api.open311.documents import Format, document
from regional_api.open311.wire import Open311Error
from regional_api.problems import RefusedWith, preferred_language

_RETRY_SECONDS: Final = "2"
_KEPT: Final = frozenset({403, 404, 429})


def error_document(refused: Refused, form: Format, accept_language: str | None) -> Response:
    """The answer for ``refused``, its sentence in the reader's language."""
    language = preferred_language(accept_language)
    status = status_of(refused.code)
    headers = dict(refused.headers) if isinstance(refused, RefusedWith) else {}
    headers["Content-Language"] = language
    if status == 503:
        headers["Retry-After"] = _RETRY_SECONDS
    error = Open311Error(status, sentence(refused.code, refused.params, language))
    return document("errors", [error], form, status=status, headers=headers)


def status_of(code: str) -> int:
    """The status that Open311 gives to a refusal."""
    kind = PROBLEMS.get(code)
    status = kind.status if kind else 400
    return status if status in _KEPT or status >= 500 else 400
