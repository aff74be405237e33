"""What can go wrong between the workstation and its server, as two kinds of exceptions and nothing else.

:class:`NoContact` is not an answer: whatever was asked is asked again. :class:`ServerProblem` is the server's
own word, by a stable code of :mod:`cur_tui.contract.problems`; some of those (5xx, 429) are no answer either.
"""

from collections.abc import Mapping
from typing import Final

from cur_tui.i18n import N_, Translator, current

NO_CONTACT: Final = {
    "refused": N_("No contact: nothing answers at {server}. Work goes on; what you do is sent later."),
    "unknown_host": N_("No contact: this network does not know {server}. Check the address and the network."),
    "timeout": N_("No contact: {server} does not answer in time. It is tried again by itself."),
    "interrupted": N_("The connection to {server} broke off. It is tried again by itself."),
    "certificate": N_(
        "No contact: the certificate of {server} is not trusted ({reason}). "
        "Ask the administrator for the region's CA file."
    ),
    "ca_file": N_("The CA file {path} cannot be used ({reason}). Ask the administrator for it."),
    "tls": N_("No contact: no secure connection to {server} is possible ({reason})."),
    "web_page": N_(
        "No contact: a web page answered instead of the server. "
        "Sign in to the network first, or check the address {server}."
    ),
    "not_the_api": N_(
        "No contact: {server} answers with status {status}, but not as a regional server. Check the address."
    ),
    "damaged": N_("The answer of {server} was damaged on its way ({reason}). It is asked for again."),
    "too_large": N_("The answer of {server} is larger than {limit} bytes and was not accepted."),
    "unavailable": N_(
        "The server {server} cannot answer now (status {status}). It is tried again by itself."
    ),
    "stopped": N_("The exchange with {server} was stopped."),
}

SEAL_KEY_BYTES: Final = 32
TRANSIENT: Final = frozenset({408, 425, 429})


class NoContact(Exception):
    """No answer arrived. ``code`` is a key of :data:`NO_CONTACT`; ``params`` always hold ``server``."""

    def __init__(self, code: str, params: Mapping[str, str]) -> None:
        super().__init__(f"{code}: {dict(params)}")
        self.code = code
        self.params = dict(params)

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        return (t or current()).gettext(NO_CONTACT[self.code]).format(**self.params)


class ServerProblem(Exception):
    """The server said no, by problem details or, behind a failing proxy, by a bare status.

    ``extra`` holds the members of the problem beyond the usual ones (``out`` of ``scope_changed``).
    ``details`` are the server's own sentences by language, shown for a code that this program does not know.
    """

    def __init__(
        self,
        code: str,
        params: Mapping[str, str],
        status: int,
        *,
        extra: Mapping[str, object] | None = None,
        details: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.code = code
        self.params = dict(params)
        self.status = status
        self.extra = dict(extra or {})
        self.details = dict(details or {})
        self.retry_after = retry_after

    @property
    def is_answer(self) -> bool:
        """Whether the request was decided. A failing or overloaded server decides nothing."""
        return self.status < 500 and self.status not in TRANSIENT

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        t = t or current()
        if self.code in NO_CONTACT:
            return t.gettext(NO_CONTACT[self.code]).format(**self.params)
        from cur_tui.contract.problems import PROBLEMS, sentence  # sentences wait until something is wrong

        if self.code not in PROBLEMS and self.details.get(t.language):
            return self.details[t.language]
        return sentence(self.code, self.params, t.language)


class SecretsOutOfReachError(Exception):
    """The place of the tokens refuses; see ``services.vault``. A person has to act, as for a sign-in."""

    def __init__(self, code: str, params: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{code}: {dict(params or {})}")
        self.code = code
        self.params = dict(params or {})

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        raise NotImplementedError


class SignInNeeded(Exception):
    """No usable token is left: a person has to sign in. Work goes on without the server until then."""

    def __init__(self, code: str = "token_invalid") -> None:
        super().__init__(code)
        self.code = code

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        from cur_tui.contract.problems import sentence

        return sentence(self.code, {}, (t or current()).language)


class AccessEnded(SignInNeeded):
    """The administrator has ended this access. The exchange stops; what was not sent stays here.

    ``seal``: the office's public key, when this device is to destroy what it keeps.
    """

    def __init__(self, seal: bytes | None = None) -> None:
        super().__init__("access_ended")
        self.seal = seal

    @classmethod
    def of(cls, problem: ServerProblem) -> "AccessEnded":
        """What the server's ``access_ended`` means. An order to wipe without a key to seal with is none."""
        import base64

        seal = problem.extra.get("seal")
        if problem.extra.get("wipe") is not True or not isinstance(seal, str):
            return cls()
        try:
            key = base64.b64decode(seal, validate=True)
        except ValueError:
            return cls()
        return cls(key if len(key) == SEAL_KEY_BYTES else None)
