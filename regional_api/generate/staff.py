"""The invented desks of a region: operators and approvers by block, officers by authority, supervisors."""

from collections.abc import Iterator, Sequence
from random import Random

from cur_tui.domain.profile.profile import Authority, Region, Topic
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Role
from regional_api.generate.people import invent_person

_OPERATORS = 3
_OFFICERS = 2
_APPROVERS = 2


class Staff:
    """Who works here. The same region always has the same people, and ``colleagues`` work among them."""

    def __init__(self, region: Region, colleagues: Sequence[Actor] = ()) -> None:
        rng = Random(f"staff:{region.code}")  # noqa: S311 - invented people, no secret
        self._taken: set[str] = set()
        blocks = [block.code for block in region.blocks] or [GENERAL_BLOCK]
        self._operators = {
            code: self._team(rng, Role.BLOCK_OPERATOR, _OPERATORS, code) for code in (*blocks, GENERAL_BLOCK)
        }
        self._approvers = {
            code: self._team(rng, Role.APPROVER, _APPROVERS, code) for code in (*blocks, GENERAL_BLOCK)
        }
        self._officers = {
            body.code: self._team(rng, Role.SECONDED_AGENT, _OFFICERS, None, body.code)
            for body in region.authorities
        }
        self.supervisors = self._team(rng, Role.SUPERVISOR, 2, GENERAL_BLOCK)
        self.invented: tuple[Actor, ...] = tuple(self._everybody())
        """Those without an account: they appear in histories, and nobody can sign in as one of them."""
        for colleague in colleagues:
            self._join(colleague)
        self._bodies: dict[str, list[Authority]] = {}
        for body in region.authorities:
            for sector in body.blocks:
                self._bodies.setdefault(sector, []).append(body)
        self._all_bodies = region.authorities

    def operator(self, block: str, rng: Random) -> Actor:
        """An operator of ``block``."""
        return rng.choice(self._operators[block])

    def approver(self, block: str, rng: Random) -> Actor:
        """An approver of ``block``."""
        return rng.choice(self._approvers[block])

    def officer(self, authority: str, rng: Random) -> Actor:
        """A seconded officer of ``authority``."""
        return rng.choice(self._officers[authority])

    def supervisor(self, rng: Random) -> Actor:
        """A supervisor of the region."""
        return rng.choice(self.supervisors)

    def body_for(self, topic: Topic, municipality: str, rng: Random) -> Authority:
        """The authority that answers about ``topic``: the municipality's own where it has one, mostly."""
        able = self._bodies.get(topic.sector) or self._bodies.get(GENERAL_BLOCK) or list(self._all_bodies)
        local = [body for body in able if body.municipality == municipality]
        if local and rng.random() < 0.6:
            return rng.choice(local)
        return rng.choice([body for body in able if body.municipality in (None, municipality)] or able)

    def other_body(self, than: str, rng: Random) -> Authority:
        """Some other authority, for appeals that go on."""
        return rng.choice([body for body in self._all_bodies if body.code != than])

    def _everybody(self) -> Iterator[Actor]:
        for desks in (self._operators, self._approvers, self._officers):
            for team in desks.values():
                yield from team
        yield from self.supervisors

    def _join(self, colleague: Actor) -> None:
        """Seat somebody with an account of the database beside the invented people of the same desks."""
        desks = {Role.BLOCK_OPERATOR: self._operators, Role.APPROVER: self._approvers}.get(colleague.role, {})
        for block, team in desks.items():
            if block in colleague.blocks:
                team.append(colleague)
        if colleague.role is Role.SECONDED_AGENT and colleague.authority in self._officers:
            self._officers[colleague.authority].append(colleague)

    def _team(
        self, rng: Random, role: Role, size: int, block: str | None, authority: str | None = None
    ) -> list[Actor]:
        return [self._member(rng, role, block, authority) for _ in range(size)]

    def _member(self, rng: Random, role: Role, block: str | None, authority: str | None) -> Actor:
        person = invent_person(rng)
        account, n = person.handle, 1
        while account in self._taken:
            n += 1
            account = f"{person.handle}{n}"
        self._taken.add(account)
        return Actor(account, person.short, role, frozenset({block} if block else ()), authority)
