"""Setting a damaged cache aside and making it anew, and telling the person what was saved."""

from collections.abc import Callable
from pathlib import Path

from cur_tui.i18n import N_, _
from storage.salvage.rebuild import Rescued, rebuild

Tell = Callable[[str], None]
"""Told one sentence, possibly before there is a screen to show it on."""

RESCUED = N_(
    "The data on this machine were damaged and have been set aside as {file}. Saved: to send — {outbox}, "
    "drafts — {drafts}, refused — {unsent}. The rest comes anew from the server."
)
BROKEN = N_(
    "{broken} of {pages} pages could not be read: look whether something of your last texts is missing."
)


def rescue(path: Path, key: bytes, tell: Tell, *, whatever_it_is: bool = False) -> Rescued:
    """Make the cache in ``path`` anew and ``tell`` what was saved; raises like
    :func:`storage.salvage.rebuild.rebuild`.
    """
    rescued = rebuild(path, key, whatever_it_is=whatever_it_is)
    tell(rescue_words(rescued))
    return rescued


def rescue_words(rescued: Rescued) -> str:
    """What has happened and what was saved."""
    told = _(RESCUED).format(
        file=rescued.aside.name, outbox=rescued.outbox, drafts=rescued.drafts, unsent=rescued.unsent
    )
    if rescued.broken:
        told += " " + _(BROKEN).format(broken=rescued.broken, pages=rescued.pages)
    return told
