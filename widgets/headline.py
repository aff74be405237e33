"""What is active in a list, as one line: queue, filter, order, how many, how many marked."""

from textual.content import Content

from cur_tui.domain.query.query import Sort, SortKey
from cur_tui.formats import format_number
from cur_tui.i18n import N_, _, ngettext
from cur_tui.services.lists.views import View
from storage.entries import Count
from widgets.show import show_line

SORTS: dict[SortKey, str] = {
    SortKey.DUE: N_("by deadline"),
    SortKey.REGISTERED: N_("by registration"),
    SortKey.PRIORITY: N_("by importance"),
    SortKey.RATING: N_("by rating"),
    SortKey.NUMBER: N_("by number"),
    SortKey.RELEVANCE: N_("by relevance"),
}


def sort_words(sort: Sort | None) -> str:
    """The order of a list; None is the usual one."""
    sort = sort or Sort(SortKey.DUE)
    if sort.key is SortKey.RELEVANCE:
        return _(SORTS[sort.key])
    return f"{'↓' if sort.descending else '↑'} {_(SORTS[sort.key])}"


def count_words(count: Count, found: Count | None = None) -> str:
    """How many appeals are listed, and of how many that were found."""
    number = _number(count)
    if found is not None:
        return _("the newest {count} of {found} found").format(count=number, found=_number(found))
    return ngettext("{count} appeal", "{count} appeals", count.number).format(count=number)


def _number(count: Count) -> str:
    return format_number(count.number) + ("" if count.exact else "+")


def headline(
    view: View, extra: str, sort: Sort | None, count: str, *, marked: int, narrow: bool, lacking: str = ""
) -> Content:
    """The line; ``narrow`` adds how to get to the other queues, which are out of sight then. ``lacking`` says
    why it may be fewer than there are.
    """
    parts = [
        Content.assemble(*([("h ", "bold $primary")] if narrow else []), show_line(view.title, 60, "bold"))
    ]
    if extra:
        parts.append(Content.assemble(("⌕ ", "$primary"), show_line(extra, 80, "$primary")))
    parts.append(Content(count))
    if lacking:
        parts.append(Content.styled(f"▲ {lacking}", "bold $text-warning"))
    if marked:
        parts.append(
            Content.styled("■ " + _("marked: {count}").format(count=format_number(marked)), "bold $accent")
        )
    # The order last: it is what a narrow line can do without.
    parts.append(Content.styled(sort_words(sort), "$text-muted"))
    return Content.styled("  ·  ", "$text-muted").join(parts)
