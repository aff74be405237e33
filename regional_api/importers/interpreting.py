"""From a record to what an appeal is made of: labels matched, dates checked, the explanation prepared."""

from datetime import UTC, datetime

from cur_tui.domain.evolve import replace
from cur_tui.domain.intake import Incoming
from cur_tui.domain.model import Appeal, Place
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.texts.text import one_line
from regional_api.appeals.explaining import explained, explanation_of
from regional_api.importers.base import Record
from regional_api.importers.form import Form
from regional_api.importers.history import Told, appeal_of
from regional_api.importers.matching import Matcher
from regional_api.importers.reading import RowError

_LABEL_CELLS = 200
_KEY_CELLS = 100
_ADDRESS_CELLS = 300
_MAX_BYTES = 600_000
"""Bytes of all texts of one appeal, so that it fits into a line of the feed with room for work on it."""
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""An earlier moment is the zero of some program, and has no place in the order of the search index."""


class Interpreter:
    """Makes appeals of records under the rules of a region. ``namespace`` names the keys of the source."""

    def __init__(self, rulebook: Rulebook, matcher: Matcher, form: Form, namespace: str) -> None:
        self._rulebook = rulebook
        self._matcher = matcher
        self._form = form
        self._namespace = namespace
        self._explanation = explanation_of(rulebook, form.explain)

    def appeal(
        self, record: Record, *, id: str, number: str, now: datetime, old: Appeal | None = None
    ) -> Appeal:
        """The appeal that ``record`` makes. ``old`` is the one that is stored: its frozen facts are kept.

        Raises :class:`RowError` for a record that cannot be taken.
        """
        self._check(record, now)
        history = record.history
        incoming = self._incoming(record, now)
        if old is not None:
            incoming = replace(
                incoming,
                regime=old.regime,
                priority=old.priority,
                received_at=old.received_at,
                registered_at=old.registered_at,
            )
        told = Told(
            incoming=incoming,
            history=history,
            authority=self._matcher.authority(record.authority) if history.state is not None else None,
            is_fast_track=record.is_fast_track,
            fingerprint=record.fingerprint,
            teller=self._form.title,
        )
        policy = old.policy if old is not None else None
        appeal = appeal_of(told, id=id, number=number, rulebook=self._rulebook, policy=policy)
        if self._explanation is None:
            return appeal
        return explained(appeal, self._explanation, self._rulebook)

    def _check(self, record: Record, now: datetime) -> None:
        history = record.history
        dated = (
            ("received", record.received),
            ("assigned_at", history.assigned_at),
            ("closed_at", history.closed_at),
            *(("first_answer_at", answer.at) for answer in history.answers),
        )
        for field, moment in dated:
            if moment is not None and moment > now:
                raise RowError("date_in_the_future", field)
            if moment is not None and moment < _EARLIEST:
                raise RowError("bad_date", field)
        texts = (record.text, *(answer.text for answer in history.answers))
        if sum(len(text.encode()) for text in texts) > _MAX_BYTES:
            raise RowError("appeal_full", "text")

    def _incoming(self, record: Record, now: datetime) -> Incoming:
        block, topic = self._matcher.match(record.category, record.theme, record.rubric)
        labels = {self._namespace: one_line(record.key, _KEY_CELLS)}
        labels |= {name: one_line(label, _LABEL_CELLS) for name, label in record.labels.items()}
        return Incoming(
            regime=record.regime,
            source=record.source,
            text=record.text,
            received_at=record.received or now,
            registered_at=record.registered or now,
            applicant=record.applicant,
            place=Place(
                municipality=self._matcher.municipality(record.municipality),
                settlement=one_line(record.settlement, _LABEL_CELLS) or None,
                address=one_line(record.address, _ADDRESS_CELLS) or None,
            ),
            block=block,
            topic=topic,
            item_kind=record.kind,
            tone=record.tone,
            priority=record.priority,
            external_ids={name: label for name, label in labels.items() if label},
            tags=record.tags,
            is_reconsideration=record.is_reconsideration,
        )
