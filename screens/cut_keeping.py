"""Keeping cuts: under a name for oneself, shared with everybody, opened again, taken away."""

from __future__ import annotations

from collections.abc import Callable

from cur_tui.domain.figures.cuts import Cut, SavedCut
from cur_tui.i18n import N_, _
from cur_tui.services.desk import Desk
from cur_tui.services.figures.cut_sharing import cut_to_share, schedule_words, sharing_form
from cur_tui.services.figures.cuts import CutDesk
from cur_tui.services.forms import Choice, FieldKind, Form, FormField
from screens.acts import ask
from screens.base import DeskApp
from screens.picker import Picker

Show = Callable[[SavedCut], None]


async def keep(station: DeskApp, desk: Desk, cut: Cut, title: str, show: Show) -> None:
    """Keep ``cut`` for oneself."""
    field = FormField("title", N_("Name of the cut"), FieldKind.LINE, initial=title)

    async def take(values: dict[str, object]) -> bool:
        saved = await station.attempt(lambda: CutDesk(desk).save(str(values["title"]), cut))
        if saved is not None:
            show(saved)
        return saved is not None

    await ask(station, _("Keep this cut"), Form("cut_save", (field,)), take)


async def share(station: DeskApp, desk: Desk, cut: Cut, title: str, show: Show) -> None:
    """Share ``cut``; one of the same name that the person shared before is replaced."""
    from uuid6 import uuid7  # its import reads the metadata of packages

    if await station.attempt(lambda: station.exchange.cuts) is None:
        return  # said at once, not after the form is filled
    known = await station.attempt(lambda: (CutDesk(desk).shared_by_me(title),))

    async def take(values: dict[str, object]) -> bool:
        def send() -> SavedCut:
            earlier = CutDesk(desk).shared_by_me(str(values["title"]))
            return station.exchange.cuts.share(cut_to_share(values, cut, earlier, str(uuid7())))

        saved = await station.attempt(send)
        if saved is not None:
            show(saved)
            station.say(_("Shared: {title}.").format(title=saved.title))
        return saved is not None

    form = sharing_form(title, known[0] if known else None)
    await ask(station, _("Share this cut"), form, take)


async def choose(station: DeskApp, desk: Desk, title: str) -> SavedCut | None:
    """One of the kept cuts, as the person chooses it."""
    saved = await station.attempt(lambda: CutDesk(desk).saved())
    if not saved:
        station.say(_("No cut is kept yet."))
        return None
    choices = tuple(Choice(one.id, one.title, _told(desk, one)) for one in saved)
    code = await station.push_screen_wait(Picker(title, choices))
    return next((one for one in saved if one.id == code), None)


async def remove(station: DeskApp, desk: Desk) -> None:
    """Take a cut away: one's own from the cache, a shared one from everybody."""
    chosen = await choose(station, desk, _("Which cut is taken away"))
    if chosen is None:
        return

    def act() -> bool:
        if CutDesk(desk).is_own(chosen.id):
            CutDesk(desk).delete(chosen.id)
        else:
            station.exchange.cuts.remove(chosen.id)
        return True

    if await station.attempt(act):
        station.say(_("Taken away: {title}.").format(title=chosen.title))


def _told(desk: Desk, saved: SavedCut) -> str:
    """Whose cut it is, if it is shared, and when it is reported."""
    if CutDesk(desk).is_own(saved.id):
        return ""
    owner = desk.names.colleagues.get(saved.owner, saved.owner)
    return " \u00b7 ".join(part for part in (owner, schedule_words(saved)) if part)
