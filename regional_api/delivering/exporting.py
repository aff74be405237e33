"""The texts that people post by hand, handed out with what they need for it; the journal keeps to whom."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, func, select, update
from uuid6 import uuid7

from cur_tui.contract.delivering import MAX_ROWS, DeliverySheet, SheetFile, SheetRow
from cur_tui.domain.intake import SYSTEM_ACCOUNT
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from cur_tui.domain.texts.file_names import safe_file_name
from cur_tui.domain.vocabulary import DeliveryChannel
from regional_api.centre import Centre
from regional_api.clock import seconds, stamp
from regional_api.database.identifiers import is_identifier
from regional_api.database.store import load
from regional_api.database.tables import APPEAL, JOURNAL
from regional_api.delivering.letter import files_of, post_of
from regional_api.delivering.routing import CHUNK, route_all
from regional_api.delivering.settings import read_settings
from regional_api.delivering.tables import DELIVERY, WAITING
from regional_api.identity.callers import Caller
from regional_api.record import journal
from regional_api.unit_of_work import UnitOfWork, unit_of_work

ACT: Final = "export_deliveries"
_DISCLOSE: Final = "disclose"
_NAMESPACE: Final = uuid.UUID("f1c6d9a2-5f0e-5c1b-8d57-0b7a3d9e4c15")


def export(
    centre: Centre, caller: Caller | None, *, only_new: bool = False, sheet_id: str = ""
) -> DeliverySheet:
    """What is to be posted by hand, of what ``caller`` sees; None: of the whole region, for the office.

    Each text of the sheet is a line of the journal: it shows who wrote (152-ФЗ art. 19 part 2 item 8). By
    these lines a sheet that is asked for again under its id is the same as far as it still waits: its texts
    count as handed out, so that no other sheet would bring those of a lost answer as new ones. Raises
    ``not_permitted`` and ``malformed``.
    """
    if sheet_id and not is_identifier(sheet_id):
        raise Refused("malformed", reason="id: not a UUID")
    if caller is not None:
        caller.must(Permission.DELIVER, ACT)
        caller.must(Permission.SEE_PERSONAL_DATA, ACT)
    with centre.database.reading() as connection:
        settings = read_settings(connection)
    route_all(centre.database, settings)
    with unit_of_work(centre.database, centre.rulebook) as work:
        query = _by_hand(caller, only_new)
        again = _held_by(work.connection, caller, sheet_id) if sheet_id else []
        total = work.connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        found = again or work.connection.execute(query.limit(MAX_ROWS)).all()
        sheet_id = sheet_id or str(uuid7())
        appeals = load(work.connection, [row.appeal for row in found])
        zone = ZoneInfo(centre.region.time_zone)
        rows = []
        for row in found:
            appeal = appeals[row.appeal].appeal
            answer = appeal.answer(row.answer)
            if answer is not None:
                rows.append(_row(row, appeal, answer, zone, row.exports - bool(again)))
                if not again:
                    _tell(work, caller, appeal, row.id, sheet_id)
        if not again:
            _mark(work, rows)
    return DeliverySheet(
        id=sheet_id,
        made_at=stamp(work.now),
        rows=tuple(rows),
        before=sum(row.exports > 0 for row in rows),
        left=total - (0 if again and only_new else len(found)),
    )


def _by_hand(caller: Caller | None, only_new: bool) -> Select[Any]:
    query = (
        select(
            DELIVERY.c.id, DELIVERY.c.appeal, DELIVERY.c.answer, DELIVERY.c.exports, DELIVERY.c.exported_at
        )
        .join_from(DELIVERY, APPEAL, APPEAL.c.id == DELIVERY.c.appeal)
        .where(DELIVERY.c.state == WAITING, DELIVERY.c.channel == DeliveryChannel.HAND.value)
    )
    if caller is not None:
        query = query.where(caller.scope.where())
    query = query.order_by(DELIVERY.c.changed_at, APPEAL.c.number, DELIVERY.c.id)
    return query.where(DELIVERY.c.exports == 0) if only_new else query


def _held_by(connection: Connection, caller: Caller | None, sheet: str) -> Sequence[Row[Any]]:
    """What of a sheet that was handed out before still waits."""
    known = connection.execute(_by_hand(caller, only_new=False).where(DELIVERY.c.exports > 0)).all()
    told: set[str] = set()
    for start in range(0, len(known), CHUNK):
        part = known[start : start + CHUNK]
        lines = select(JOURNAL.c.command).where(
            JOURNAL.c.appeal.in_([row.appeal for row in part]),
            JOURNAL.c.type == _DISCLOSE,
            JOURNAL.c.command.in_([_place(sheet, row.id) for row in part]),
        )
        told.update(connection.execute(lines).scalars())
    return [row for row in known if _place(sheet, row.id) in told]


def _place(sheet: str, delivery: str) -> str:
    """What the journal calls the handing out of one text by one sheet."""
    return str(uuid.uuid5(_NAMESPACE, f"{sheet}\n{delivery}"))


def _row(row: Row[Any], appeal: Appeal, answer: Answer, zone: ZoneInfo, exports: int) -> SheetRow:
    before = row.exported_at if exports else None
    return SheetRow(
        delivery=row.id,
        number=appeal.number,
        kind=answer.kind.value,
        source=appeal.source.value,
        where=_where(appeal),
        whom=appeal.applicant.name or "",
        text=answer.text,
        files=tuple(
            SheetFile(file.sha256, safe_file_name(file.name, file.media_type))
            for file in files_of(appeal, answer)
        ),
        exports=exports,
        exported_at=None if before is None else f"{datetime.fromtimestamp(before, zone):%d.%m.%Y %H:%M}",
    )


def _where(appeal: Appeal) -> str:
    author = appeal.applicant
    return post_of(appeal) or author.address or author.email or author.phone or ""


def _mark(work: UnitOfWork, rows: list[SheetRow]) -> None:
    ids = [row.delivery for row in rows]
    for start in range(0, len(ids), CHUNK):
        work.connection.execute(
            update(DELIVERY)
            .where(DELIVERY.c.id.in_(ids[start : start + CHUNK]))
            .values(exports=DELIVERY.c.exports + 1, exported_at=seconds(work.now))
        )


def _tell(work: UnitOfWork, caller: Caller | None, appeal: Appeal, delivery: str, sheet: str) -> None:
    work.record(
        journal.entry_of(
            work.now,
            _DISCLOSE,
            {"reason": ACT, "delivery": delivery, "sheet": sheet},
            account=caller.actor.account if caller else SYSTEM_ACCOUNT,
            role=caller.actor.role.value if caller else SYSTEM_ACCOUNT,
            appeal=appeal.id,
            number=appeal.number,
            before=appeal.version,
            after=appeal.version,
            command=_place(sheet, delivery),
        )
    )
