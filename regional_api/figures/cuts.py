"""Cuts that are kept for everybody who supervises: reference data, so that they work without contact too."""

import msgspec
from sqlalchemy import Connection, select

from cur_tui.domain.figures.cuts import SavedCut, Schedule, check_cut, check_title, is_keepable
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission, can
from cur_tui.domain.texts.text import neutralise
from cur_tui.domain.time.periods import parse_period
from cur_tui.domain.time.schedules import time_of
from regional_api.centre import Centre
from regional_api.clock import now
from regional_api.database.identifiers import is_identifier
from regional_api.database.tables import REFERENCE
from regional_api.identity.callers import Caller
from regional_api.lists.query_sql import read_query
from regional_api.record import journal
from regional_api.unit_of_work import unit_of_work

KIND = "cut"
MAX_RECIPIENTS = 50


def save_cut(centre: Centre, caller: Caller, saved: SavedCut) -> SavedCut:
    """Keep ``saved`` for everybody, as of the caller; the same again changes nothing.

    A cut belongs to whoever shared it: others may read it, and whoever manages the accounts may take it away.
    Raises :class:`Refused`: ``not_permitted``, ``invalid_value``, ``empty_field`` or ``too_long``.
    """
    caller.must(Permission.SUPERVISE, "save_cut")
    if not is_identifier(saved.id):
        raise Refused("invalid_value", field="id", value=saved.id[:80])
    check_cut(saved.cut)
    parse_period(saved.cut.period, now().date())
    query = read_query(saved.cut.query, centre.vocabulary)
    if not is_keepable(query.terms):
        raise Refused("invalid_value", field="query", value="…")
    if saved.schedule is not None:
        _check_schedule(saved.schedule)
    kept = msgspec.structs.replace(
        saved,
        title=neutralise(check_title(saved.title)),
        owner=caller.actor.account,
        removed=False,
    )
    return _store(centre, caller, kept, "save_cut")


def remove_cut(centre: Centre, caller: Caller, cut_id: str) -> None:
    """Take a cut away from everybody. Raises ``not_found`` and ``not_permitted``."""
    caller.must(Permission.SUPERVISE, "remove_cut")
    with centre.database.reading() as connection:
        found = _find(connection, cut_id)
    if found is None or found[1].removed:
        raise Refused("not_found")
    _store(centre, caller, msgspec.structs.replace(found[1], removed=True), "remove_cut")


def cuts_of(connection: Connection) -> list[SavedCut]:
    """Every cut that is kept, by id."""
    rows = connection.execute(
        select(REFERENCE.c.doc).where(REFERENCE.c.kind == KIND).order_by(REFERENCE.c.id)
    )
    every = (msgspec.json.decode(bytes(row.doc), type=SavedCut) for row in rows)
    return [saved for saved in every if not saved.removed]


def _store(centre: Centre, caller: Caller, saved: SavedCut, act: str) -> SavedCut:
    with unit_of_work(centre.database, centre.rulebook) as work:
        known = _find(work.connection, saved.id)
        if known is not None:
            _check_owner(caller, known[1])
            if known[1] == saved:
                return saved
        version = 1 if known is None else known[0] + 1
        work.refer(KIND, saved.id, version, saved)
        facts = {"cut": saved.id, "version": version}
        actor = caller.actor
        work.record(journal.entry_of(work.now, act, facts, account=actor.account, role=actor.role.value))
    return saved


def _find(connection: Connection, cut_id: str) -> tuple[int, SavedCut] | None:
    row = connection.execute(
        select(REFERENCE.c.version, REFERENCE.c.doc).where(REFERENCE.c.kind == KIND, REFERENCE.c.id == cut_id)
    ).one_or_none()
    return None if row is None else (row.version, msgspec.json.decode(bytes(row.doc), type=SavedCut))


def _check_owner(caller: Caller, saved: SavedCut) -> None:
    if saved.owner != caller.actor.account and not can(
        caller.region, caller.actor, Permission.MANAGE_ACCOUNTS
    ):
        raise Refused("not_permitted", command="save_cut", permission=Permission.MANAGE_ACCOUNTS.value)


def _check_schedule(schedule: Schedule) -> None:
    time_of(schedule)
    if len(schedule.recipients) > MAX_RECIPIENTS:
        raise Refused("too_long", field="recipients", limit=str(MAX_RECIPIENTS))
    for recipient in schedule.recipients:
        if len(recipient) > 254 or not recipient.isprintable():
            raise Refused("invalid_value", field="recipients", value=recipient[:80])
