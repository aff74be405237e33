"""What the server is asked about likenesses and mass incidents. Every question blocks until it answers."""

from typing import TypeVar
from urllib.parse import urlencode

from cur_tui.contract import API_PREFIX
from cur_tui.contract.related import Incident, IncidentDismissal, IncidentPage, Lookalikes, PairPage
from cur_tui.sync.session import TokenSession
from cur_tui.sync.transport import Transport

T = TypeVar("T")


class RelatedCalls:
    """The questions, asked in the name of who is signed in.

    They raise :class:`~cur_tui.sync.faults.NoContact` and :class:`~cur_tui.sync.faults.ServerProblem`.
    """

    def __init__(self, transport: Transport, session: TokenSession) -> None:
        self._transport = transport
        self._session = session

    def lookalikes(self, appeal: str) -> Lookalikes:
        """What probably says the same as the appeal with this id."""
        return self._get(f"/appeals/{appeal}/lookalikes", Lookalikes)

    def pairs(self, limit: int = 50, after: str | None = None) -> PairPage:
        """A page of undecided pairs, the last found first."""
        values = {"limit": str(limit), **({} if after is None else {"after": after})}
        return self._get(f"/lookalikes?{urlencode(values)}", PairPage)

    def incidents(self, state: str | None = None) -> IncidentPage:
        """Incidents in one state; those proposed and those led for None."""
        query = "" if state is None else f"?{urlencode({'state': state})}"
        return self._get(f"/incidents{query}", IncidentPage)

    def incident(self, id: str) -> Incident:
        """One incident with its members and who might join."""
        return self._get(f"/incidents/{id}", Incident)

    def dismiss(self, id: str, reason: str) -> None:
        """The proposal ``id`` is no mass incident."""
        path = f"{API_PREFIX}/incidents/{id}/dismissal"
        body = IncidentDismissal(reason)
        self._session.authorised(
            lambda token: self._transport.call("POST", path, type(None), body=body, token=token)
        )

    def _get(self, path: str, answer: type[T]) -> T:
        return self._session.authorised(
            lambda token: self._transport.call("GET", f"{API_PREFIX}{path}", answer, token=token)
        )
