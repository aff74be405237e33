"""The texts that people post by hand, handed out with what they need for it; the journal keeps to whom."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, select, update
from uuid6 import uuid7

from cur_tui.contract.delivering import MAX_ROWS, DeliverySheet, SheetFile, SheetRow
from cur_tui.domain.intake import SYSTEM_ACCOUNT
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.rights import Permission
from cur_tui.domain.texts.file_names import safe_file_name
from cur_tui.domain.vocabulary import DeliveryChannel
from regional_api.centre import Centre
from regional_api.clock import seconds, stamp
from regional_api.database.store import load
from regional_api.database.tables import APPEAL
from regional_api.delivering.letter import files_of, post_of
from regional_api.delivering.routing import CHUNK, route_all
from regional_api.delivering.settings import read_settings
from regional_api.delivering.tables import DELIVERY, WAITING
from regional_api.identity.callers import Caller
from regional_api.record import journal
from regional_api.unit_of_work import UnitOfWork, unit_of_work

ACT: Final = "export_deliveries"


def export(centre: Centre, caller: Caller | None, *, only_new: bool = False) -> DeliverySheet:
    """What is to be posted by hand, of what ``caller`` sees; None: of the whole region, for the office.

    Each text of the sheet is a line of the journal: it shows who wrote (152-ФЗ art. 19 part 2 item 8). Raises
    ``not_permitted``.
    """
    if caller is not None:
        caller.must(Permission.DELIVER, ACT)
        caller.must(Permission.SEE_PERSONAL_DATA, ACT)
    with centre.database.reading() as connection:
        settings = read_settings(connection)
    route_all(centre.database, settings)
    with unit_of_work(centre.database, centre.rulebook) as work:
        query = _by_hand(caller, only_new)
        total = work.connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        found = work.connection.execute(
            query.order_by(DELIVERY.c.changed_at, APPEAL.c.number, DELIVERY.c.id).limit(MAX_ROWS)
        ).all()
        sheet_id = str(uuid7())
        appeals = load(work.connection, [row.appeal for row in found])
        zone = ZoneInfo(centre.region.time_zone)
        rows = []
        for row in found:
            appeal = appeals[row.appeal].appeal
            answer = appeal.answer(row.answer)
            if answer is not None:
                rows.append(_row(row, appeal, answer, zone))
                _tell(work, caller, appeal, row.id, sheet_id)
        _mark(work, rows)
    return DeliverySheet(
        id=sheet_id,
        made_at=stamp(work.now),
        rows=tuple(rows),
        before=sum(row.exports > 0 for row in rows),
        left=total - len(found),
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
    return query.where(DELIVERY.c.exports == 0) if only_new else query


def _row(row: Row[Any], appeal: Appeal, answer: Answer, zone: ZoneInfo) -> SheetRow:
    before = row.exported_at
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
        exports=row.exports,
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
            "disclose",
            {"reason": ACT, "delivery": delivery, "sheet": sheet},
            account=caller.actor.account if caller else SYSTEM_ACCOUNT,
            role=caller.actor.role.value if caller else SYSTEM_ACCOUNT,
            appeal=appeal.id,
            number=appeal.number,
            before=appeal.version,
            after=appeal.version,
        )
    )
