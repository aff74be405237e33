"""Problem details (RFC 9457): every refusal as one sentence in the reader's language, and nothing else.

No answer ever carries data of the database, a parameter of a statement or a trace.
"""

import secrets
from collections.abc import Mapping

import msgspec
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from cur_tui.contract.problems import PROBLEM_TYPE, PROBLEMS, sentence
from cur_tui.contract.wire import Problem
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import DEFAULT_LANGUAGE, LANGUAGES

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = "2"
_BUSY = (
    "locked",
    "busy",
    "unable to open database",
    "readonly database",
)
_BUSY_STATES = ("08", "40", "53", "55P03", "57P01", "57P02", "57P03")
"""SQLSTATEs of PostgreSQL, or their classes: no connection, no turn, no resources, being restarted."""
_FULL_STATE = "53100"
_FULL = ("disk is full", "disk full", "no space left", "disk i/o error")


class RefusedWith(Refused):
    """A refusal that carries more than its sentence: further members of the answer, or headers."""

    def __init__(
        self,
        code: str,
        *,
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        **params: str,
    ) -> None:
        super().__init__(code, **params)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})


def problem_of(refused: Refused, language: str) -> Problem:
    """The problem that ``refused`` is, its sentence in ``language`` first."""
    texts = {known: sentence(refused.code, refused.params, known) for known in LANGUAGES}
    kind = PROBLEMS.get(refused.code)
    return Problem(
        type=PROBLEM_TYPE + refused.code,
        title=texts[language],
        status=kind.status if kind else 409,
        detail=texts[language],
        code=refused.code,
        params=dict(refused.params),
        detail_ru=texts["ru"],
        detail_en=texts["en"],
    )


def problem_response(refused: Refused, accept_language: str | None) -> Response:
    """The HTTP answer for ``refused``."""
    language = preferred_language(accept_language)
    problem = problem_of(refused, language)
    extra = refused.extra if isinstance(refused, RefusedWith) else {}
    headers = dict(refused.headers) if isinstance(refused, RefusedWith) else {}
    headers["Content-Language"] = language
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.status == 503:
        headers["Retry-After"] = _RETRY_SECONDS
    body = msgspec.json.encode({**msgspec.to_builtins(problem), **extra})
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def refusal_of(error: Exception) -> Refused:
    """What a failure is called outside. Raising it changed nothing: its transaction was rolled back."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, PoolTimeout):
        return Refused("busy")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Refused("busy")
    if isinstance(error, DBAPIError) and hasattr(error.orig, "sqlstate"):
        code = _code_of_state(error)
    elif isinstance(error, OSError | SQLAlchemyError):
        code = _code_of_text(error)
    else:
        code = None
    return Refused(code) if code else Refused("internal", incident=secrets.token_hex(4))


def _code_of_state(error: DBAPIError) -> str | None:
    """By PostgreSQL's code and never by its sentence, which is in the language of the cluster."""
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # the driver's own: it could not reach the server
        return "busy" if isinstance(error, OperationalError) else None
    if state == _FULL_STATE:
        return "storage_full"
    return "busy" if state.startswith(_BUSY_STATES) else None


def _code_of_text(error: Exception) -> str | None:
    # Only the driver's own message is looked at: the statement and its values stay out of it.
    text = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    if any(sign in text for sign in _FULL):
        return "storage_full"
    return "busy" if any(sign in text for sign in _BUSY) else None


def preferred_language(accept_language: str | None) -> str:
    """The language of ours that an ``Accept-Language`` header wants most; Russian when it wants none."""
    best, best_weight = DEFAULT_LANGUAGE, 0.0
    for part in (accept_language or "").split(","):
        tag, _, weight_text = part.partition(";q=")
        language = tag.strip().lower().partition("-")[0]
        try:
            weight = float(weight_text) if weight_text else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best
