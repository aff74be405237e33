"""The problems of the region at the desk: what is asked most, what nobody has named, where, and what bursts.

All of it comes from the cache, with contact or without. Counts come from the sums of cuts; texts and
addresses are read of a bounded part of the appeals only, and how many were read is part of the answer.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cur_tui.domain.figures.cuts import Cut, CutTable, cell_terms, period_terms
from cur_tui.domain.figures.decomposition import decompose
from cur_tui.domain.figures.hot_spots import Located, hot_addresses
from cur_tui.domain.figures.problems import BlockProblems, problems_by_block, usual_level
from cur_tui.domain.figures.sums import Measures
from cur_tui.domain.query.query import (
    NONE,
    Comparison,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    Query,
    RelativeTerm,
    Sort,
    SortKey,
    TextTerm,
)
from cur_tui.domain.refusal import Refused
from cur_tui.domain.related.bursts import is_burst
from cur_tui.domain.texts.mask import mask_personal
from cur_tui.domain.texts.text import neutralise
from cur_tui.domain.time.periods import Basis, parse_period
from cur_tui.services.figures.cuts import CutDesk
from cur_tui.services.figures.problem_pictures import (
    AddressPicture,
    BlockPicture,
    Burst,
    Example,
    Figure,
    HotSpot,
    PlacePicture,
    ProblemPicture,
    ResidualGroup,
    ResidualPicture,
    Signal,
    TopProblem,
)
from storage.errors import ReadStopped
from storage.lists.filters import compile_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cur_tui.domain.figures.decomposition import Group
    from cur_tui.domain.figures.problems import Amount
    from cur_tui.domain.query.query import Term
    from cur_tui.domain.time.periods import Period
    from cur_tui.services.desk import Desk
    from storage.figures.told import Told
    from storage.lists.legs import CompiledView

    Stop = Callable[[], bool]
    Terms = tuple[Term, ...]

TEXTS: Final = 400
"""Texts that are read to take a residual category apart."""
ADDRESSES: Final = 10_000
"""Appeals whose addresses are read, the latest ones."""
LISTED: Final = 90
"""Numbers of appeals that one query line holds."""
MOST_SPOTS: Final = 20
_EXAMPLE: Final = 300
_COUNTED: Final = frozenset({"count", "open", "overdue", "repeats"})
_FEW: Final = {
    "conflicts": FlagTerm(Flag.CONFLICT_SITUATION),
    "communication_errors": FlagTerm(Flag.COMMUNICATION_ERROR),
}
_NOTHING: Final = Measures()


class ProblemDesk:
    """The problems that one desk sees. Counting blocks: call it in a worker.

    Everything raises :class:`Refused` ``not_permitted`` for those who do not supervise, ``invalid_value`` for
    a period or block that is none, and :class:`storage.errors.ReadStopped` soon after ``stop`` says so.
    Queries are written in ``language``.
    """

    def __init__(self, desk: Desk, language: str = "en") -> None:
        self._desk = desk
        self._language = language
        self._cuts = CutDesk(desk)

    def picture(
        self, period: str = "month", block: str | None = None, *, stop: Stop | None = None
    ) -> ProblemPicture:
        """Everything that is counted."""
        days, base = self._asked(period, block)
        topics = self._table(Cut("block", "topic"), days, base, stop)
        places = self._table(Cut("municipality"), days, base, stop)
        residual = self._residual()
        return ProblemPicture(
            period,
            days.first if days else None,
            days.last if days else None,
            places.against.first if places.against else None,
            places.against.last if places.against else None,
            block,
            tuple(self._block(topics, one) for one in problems_by_block(topics, residual)),
            tuple(self._place(places, code, base) for code in places.rows),
            tuple(self._signals(places, base, stop)),
            tuple(self._bursts(base, stop)),
            self._desk.rulebook.region.bursts.window_hours,
        )

    def residual(
        self, period: str = "month", block: str | None = None, *, stop: Stop | None = None
    ) -> ResidualPicture:
        """The residual appeals taken apart."""
        days, base = self._asked(period, block)
        # Counted one by one along their own index: they are a small part, and sums would walk everything.
        found = {topic: self._number((*base, _topic(topic)), days, stop) for topic in self._residual()}
        category = self._residual_term(topic for topic, number in found.items() if number)
        terms = (*base, category, *period_terms(days, Basis.REGISTERED))
        reader = self._desk.cache.reader
        keys = sorted(reader.ids(self._view(terms), stop=stop))
        told = [one for one in reader.told(_spread(keys, TEXTS), stop=stop) if one.text or one.essence]
        texts = [f"{one.text}\n{one.essence or ''}" for one in told]
        parts = decompose(texts, self._desk.rulebook.region.topics)
        against = None if days is None else days.compared(self._desk.local_now().date())
        everything = _topic(*sorted(self._residual()))
        before = None if against is None else self._number((*base, everything), against, stop)
        return ResidualPicture(
            Figure(len(keys), before, self._line(terms)),
            parts.sample,
            tuple(self._group(group, told, terms, stop) for group in parts.groups),
            len(parts.rest),
        )

    def addresses(
        self, period: str = "month", block: str | None = None, *, stop: Stop | None = None
    ) -> AddressPicture:
        """The addresses that appeals come from again and again."""
        days, base = self._asked(period, block)
        reader = self._desk.cache.reader
        terms = (*base, *period_terms(days, Basis.REGISTERED))
        latest = self._view(terms, Sort(SortKey.REGISTERED, descending=True))
        told = reader.told(sorted(reader.ids(latest, stop=stop, most=ADDRESSES)), stop=stop)
        located = (Located(one.number, one.place.municipality, one.place.address) for one in told)
        spots = tuple(
            HotSpot(
                spot.municipality,
                mask_personal(neutralise(spot.address)),
                Figure(
                    len(spot.numbers), None, self._line((FieldTerm(Field.NUMBER, spot.numbers[-LISTED:]),))
                ),
            )
            for spot in hot_addresses(located, most=MOST_SPOTS)
        )
        return AddressPicture(reader.count(latest, stop=stop).number, len(told), spots)

    # --- what is asked -----------------------------------------------------------------------------

    def _asked(self, period: str, block: str | None) -> tuple[Period | None, Terms]:
        if not self._desk.may("supervise"):
            raise Refused("not_permitted", command="problems", permission="supervise")
        if block is None:
            base: Terms = ()
        elif block == NONE or block in {one.code for one in self._desk.rulebook.region.blocks}:
            base = (FieldTerm(Field.BLOCK, (block,)),)
        else:
            raise Refused("invalid_value", field="block", value=block[:80])
        return parse_period(period, self._desk.local_now().date()), base

    def _residual(self) -> frozenset[str]:
        return frozenset(topic.code for topic in self._desk.rulebook.region.topics if topic.is_residual)

    def _residual_term(self, met: Iterable[str | None]) -> FieldTerm:
        """The residual topics among those met, or one that finds nothing: all of a region would fill the line
        with names.
        """
        residual = self._residual()
        codes = tuple(sorted(residual.intersection(code for code in met if code is not None)))
        return FieldTerm(Field.TOPIC, codes or tuple(sorted(residual))[:1])

    def _line(self, terms: Terms) -> str:
        return self._cuts.line("", terms, self._language)

    def _view(self, terms: Terms, sort: Sort | None = None) -> CompiledView:
        return compile_view(Query(terms, sort), now=self._desk.local_now(), me=self._desk.actor.account)

    def _number(self, terms: Terms, days: Period | None, stop: Stop | None) -> int:
        """How many appeals registered in these days there are."""
        view = self._view((*terms, *period_terms(days, Basis.REGISTERED)))
        return self._desk.cache.reader.count(view, stop=stop).number

    def _table(self, cut: Cut, days: Period | None, base: Terms, stop: Stop | None) -> CutTable:
        def cells(
            period: Period | None, wanted: frozenset[str]
        ) -> dict[tuple[str | None, str | None], Measures]:
            terms = (*base, *period_terms(period, cut.basis))
            return self._cuts.cells(cut.rows, cut.columns, terms, wanted, stop)

        counted = cells(days, _COUNTED)
        if days is None:
            return CutTable(cut, None, counted)
        against = days.compared(self._desk.local_now().date())
        return CutTable(cut, days, counted, cells(against, _COUNTED), against)

    # --- blocks and places -------------------------------------------------------------------------

    def _block(self, table: CutTable, one: BlockProblems) -> BlockPicture:
        everything = cell_terms(table.cut, table.period, one.block, None, of="row")
        residual = self._residual_term(topic for row, topic in table.cells if row == one.block)
        unsorted = FieldTerm(Field.TOPIC, (NONE,))

        def figure(amount: Amount, *more: Term) -> Figure:
            return Figure(amount.now, amount.before, self._line((*everything, *more)))

        return BlockPicture(
            one.block,
            figure(one.all),
            tuple(self._top(table, one, topic) for topic, _ in one.top),
            figure(one.residual, residual),
            one.residual_share,
            figure(one.unsorted, unsorted),
        )

    def _top(self, table: CutTable, one: BlockProblems, topic: str) -> TopProblem:
        terms = cell_terms(table.cut, table.period, one.block, topic)
        key = (one.block, topic)
        count, opened, overdue, repeats = self._figures(table, key, terms)
        return TopProblem(topic, count, count.value / one.all.now, opened, overdue, repeats)

    def _place(self, table: CutTable, code: str | None, base: Terms) -> PlacePicture:
        terms = (*base, *cell_terms(table.cut, table.period, code, None))
        return PlacePicture(code, *self._figures(table, (code, None), terms), table.heat(code, None))

    def _figures(
        self, table: CutTable, key: tuple[str | None, str | None], terms: Terms
    ) -> tuple[Figure, Figure, Figure, Figure]:
        sums = table.cells.get(key, _NOTHING)
        before = None if table.before is None else table.before.get(key, _NOTHING)

        def figure(now: int, then: int | None, *more: Term) -> Figure:
            return Figure(now, then, self._line((*terms, *more)))

        # What was open in the period before nobody knows any more.
        return (
            figure(sums.count, before.count if before else None),
            figure(sums.open, None, FlagTerm(Flag.OPEN)),
            figure(sums.overdue, None, FlagTerm(Flag.OVERDUE)),
            figure(sums.repeats, before.repeats if before else None, FlagTerm(Flag.REPEAT)),
        )

    # --- what should be rare -----------------------------------------------------------------------

    def _signals(self, places: CutTable, base: Terms, stop: Stop | None) -> list[Signal]:
        asked = (*base, *period_terms(places.period, Basis.REGISTERED))
        then = places.total_before
        repeats = Figure(
            places.total.repeats,
            None if then is None else then.repeats,
            self._line((*asked, FlagTerm(Flag.REPEAT))),
        )
        found = [Signal("repeats", repeats)]
        for code, flag in _FEW.items():
            now = self._flagged(flag, places.period, base, stop)
            against = places.against
            before = None if against is None else self._flagged(flag, against, base, stop)
            found.append(Signal(code, Figure(now, before, self._line((*asked, flag)))))
        return found

    def _flagged(self, flag: FlagTerm, days: Period | None, base: Terms, stop: Stop | None) -> int:
        """These are few and have an index of their own; sums would look at every appeal of the period."""
        return self._number((*base, flag), days, stop)

    def _bursts(self, base: Terms, stop: Stop | None) -> list[Burst]:
        rule = self._desk.rulebook.region.bursts
        window, usual_days = rule.window_hours * 60, rule.baseline_days * 24 * 60
        # Members of an incident are accounted for already.
        lately = (
            *base,
            FlagTerm(Flag.OPEN),
            FlagTerm(Flag.MASS, negated=True),
            RelativeTerm(Field.REGISTERED, Comparison.LESS, window),
        )
        earlier = (
            *base,
            RelativeTerm(Field.REGISTERED, Comparison.AT_LEAST, window),
            RelativeTerm(Field.REGISTERED, Comparison.LESS, window + usual_days),
        )
        counted = frozenset({"count"})
        now = self._cuts.cells("topic", "municipality", lately, counted, stop)
        before = self._cuts.cells("topic", "municipality", earlier, counted, stop)
        oldest, found = self._oldest(), []
        for (topic, place), sums in now.items():
            if topic is None or place is None:
                continue
            past = before.get((topic, place), _NOTHING).count
            level = usual_level(sums.count, past, rule, self._desk.now(), oldest)
            if is_burst(level, rule):
                where = (FieldTerm(Field.TOPIC, (topic,)), FieldTerm(Field.MUNICIPALITY, (place,)))
                figure = Figure(level.now, None, self._line((*lately, *where)))
                found.append(Burst(topic, place, figure, round(level.usual, 2)))
        return sorted(found, key=lambda one: (-one.all.value, one.topic, one.municipality))

    def _oldest(self) -> datetime | None:
        first = self._desk.cache.reader.first_rows(self._view((), Sort(SortKey.REGISTERED)), 1)
        return datetime.fromtimestamp(first[0].row.registered_at, UTC) if first else None

    # --- a residual group --------------------------------------------------------------------------

    def _group(self, group: Group, told: Sequence[Told], terms: Terms, stop: Stop | None) -> ResidualGroup:
        asked = (*terms, TextTerm(group.phrase.words))
        found = self._desk.lists.count(Query(asked), stop=stop)
        if found is None:
            raise ReadStopped
        return ResidualGroup(
            group.phrase.said,
            len(group.texts),
            found.number,
            found.exact,
            self._line(asked),
            group.topic,
            group.words,
            tuple(_example(told[at]) for at in group.examples),
        )


def _spread(keys: Sequence[int], most: int) -> list[int]:
    """At most so many keys, evenly over all of them, which is over their time."""
    if len(keys) <= most:
        return list(keys)
    return [keys[at * len(keys) // most] for at in range(most)]


def _example(told: Told) -> Example:
    text = mask_personal(neutralise(told.text or told.essence or ""))
    return Example(told.number, " ".join(text.split())[:_EXAMPLE])


def _topic(*codes: str) -> FieldTerm:
    return FieldTerm(Field.TOPIC, codes)
