"""Reference data that the server sent and this program cannot read: what it means, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _, ngettext

if TYPE_CHECKING:
    from cur_tui.services.desk import Desk


def unread_words(desk: Desk) -> str | None:
    """A few words for a line; None where everything could be read."""
    if desk.rules_are_unread:
        return _("rules unread: F6")
    return _("new rules unread: F6") if desk.cache.reader.set_aside() else None


def unread_sentence(desk: Desk) -> str | None:
    """The whole of it; None where everything could be read."""
    if desk.rules_are_unread:
        from cur_tui.services.explain import explain_refusal  # its sentences wait until something is wrong

        return explain_refusal(Refused("rules_unreadable"))
    aside = desk.cache.reader.set_aside()
    if not aside:
        return None
    editions = [one.version for one in aside if one.kind == "profile"]
    if editions:
        told = _(
            "This program cannot read edition {version} of the region's rules: it goes on by the one before."
        )
        told = told.format(version=max(editions))
    else:
        told = ngettext(
            "This program cannot read {n} entry of the reference data: it goes on by what it knew before.",
            "This program cannot read {n} entries of the reference data: it goes on by what it knew before.",
            len(aside),
        ).format(n=len(aside))
    return " ".join(
        (
            told,
            _("The server decides by the new ones, and may refuse what is allowed here."),
            _("Update the program; it then takes them by itself."),
        )
    )
