"""The facts of an appeal as entries: what it is about, where, who answers, who wrote, its relations."""

from zoneinfo import ZoneInfo

from textual.content import Content

from cur_tui.domain.model import Appeal, Applicant
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import RejectionReason, Source, SpecialGround
from cur_tui.formats import format_datetime, format_number
from cur_tui.i18n import _
from cur_tui.services.checklists import Progress
from cur_tui.services.forms import flag_label
from cur_tui.services.labels import label, label_of
from cur_tui.services.lists.window import Names
from widgets.ledger import Entry
from widgets.show import show, show_line

LABELS = 16
"""Width of the column of names."""

BAR = 16


def fact_entries(appeal: Appeal, rulebook: Rulebook, names: Names, zone: ZoneInfo) -> tuple[Entry, ...]:
    """What is known of an appeal; a fact that is missing takes no line, except the topic and the place."""
    found: list[tuple[str, Content]] = [
        (_("Topic"), _topic(appeal, rulebook)),
        (_("Place"), _place(appeal, names)),
        (_("Who answers"), _authority(appeal, names)),
        *applicant_facts(appeal.applicant),
        (_("Kind"), show_line(_joined(appeal))),
        (_("Received"), Content(format_datetime(appeal.received_at, zone))),
        (_("Registered"), Content(format_datetime(appeal.registered_at, zone))),
    ]
    if appeal.deferred_until is not None:
        found.append((_("Deferred until"), Content(format_datetime(appeal.deferred_until, zone))))
    if appeal.outcome is not None:
        found.append((_("Outcome"), show_line(_outcome(appeal))))
    found += [(label_of(Source, name), show_line(value)) for name, value in appeal.external_ids.items()]
    if appeal.tags:
        found.append((_("Tags"), show_line(" ".join(f"#{tag}" for tag in appeal.tags))))
    if appeal.flags:
        flags = ", ".join(f"⚑ {flag_label(flag)}" for flag in appeal.flags)
        found.append((_("Flags"), show_line(flags, style="bold $warning")))
    found += [(label(link.kind).capitalize(), show_line(link.number, style="bold")) for link in appeal.links]
    found += [
        (_("File"), show_line(f"{file.name} ({format_number(file.size)} B, {file.media_type})"))
        for file in appeal.attachments
    ]
    if appeal.rating is not None:
        stars = "★" * appeal.rating + "☆" * (5 - appeal.rating)
        words = Content.assemble(f"{stars} {appeal.rating}  ", show(appeal.rating_comment))
        found.append((_("Rating"), words))
    return tuple(Entry(show_line(name, 40).plain, value) for name, value in found if value.plain)


def progress_content(title: str, progress: Progress) -> Content:
    """How far a checklist is: its name, a bar, numbers in words."""
    full = round(BAR * progress.closed / progress.total) if progress.total else 0
    count = _("{closed} of {total} steps").format(closed=progress.closed, total=progress.total)
    late = _("▲ late: {n}").format(n=progress.late) if progress.late else ""
    bar = Content.assemble(
        ("━" * full, "$success"),
        ("─" * (BAR - full), "$text-muted"),
        f"  {count}  ",
        (late, "bold $error"),
    )
    lines = [show_line(title, style="bold"), bar]
    if progress.is_ready:
        lines.append(Content.styled(_("✓ All mandatory steps are closed: you may answer (E)"), "$success"))
    return Content("\n").join(lines)


def _topic(appeal: Appeal, rulebook: Rulebook) -> Content:
    topic = rulebook.topics.get(appeal.topic or "")
    block = rulebook.blocks.get(appeal.block or "")
    name = topic.name if topic else appeal.topic or _("not named yet (T)")
    desk = block.name if block else _("General block")
    return Content.assemble(show_line(name, style="" if topic else "$warning"), "\n", (desk, "$text-muted"))


def _place(appeal: Appeal, names: Names) -> Content:
    place = appeal.place
    parts = [names.municipalities.get(place.municipality or "", place.municipality), place.settlement]
    where = ", ".join(part for part in parts if part)
    if not where and not place.address:
        return Content.styled(_("not known"), "$text-muted")
    lines = [show_line(part) for part in (where, place.address) if part]
    return Content("\n").join(lines)


def _authority(appeal: Appeal, names: Names) -> Content:
    current = appeal.assignment
    if current is None:
        return Content.styled(_("nobody yet (A)"), "$warning")
    body = show_line(names.authorities.get(current.authority, current.authority))
    if current.n == 1 and current.executor is None:
        return body
    cycle = _("cycle {n}").format(n=current.n)
    executor = names.colleagues.get(current.executor or "", current.executor or "")
    rest = ", ".join(part for part in (cycle, executor) if part)
    return Content.assemble(body, "\n", show_line(rest, style="$text-muted"))


def applicant_facts(applicant: Applicant) -> list[tuple[str, Content]]:
    """The person who wrote; a role without the need gets these fields empty from the server."""
    return [
        (_("Applicant"), show_line(applicant.name)),
        (_("Address"), show_line(applicant.address)),
        (_("Phone"), show_line(applicant.phone)),
        (_("E-mail"), show_line(applicant.email)),
        (_("Page"), show_line(applicant.profile_url)),
    ]


def _joined(appeal: Appeal) -> str:
    return ", ".join(label(member) for member in (appeal.item_kind, appeal.tone) if member is not None)


def _outcome(appeal: Appeal) -> str:
    if appeal.outcome is None:
        return ""
    reason = appeal.closing_reason or ""
    for kind in (RejectionReason, SpecialGround):
        reason = label_of(kind, reason)
    words = label(appeal.outcome)
    return f"{words}: {reason}" if reason else words
