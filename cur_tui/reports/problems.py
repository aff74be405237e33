"""The top three problems of each block, and what is left over, as the founding acts ask for them."""

from collections.abc import Iterator

from cur_tui.domain.figures.cuts import Cut
from cur_tui.domain.figures.problems import Amount, BlockProblems, problems_by_block
from cur_tui.domain.time.periods import Period
from cur_tui.i18n import _
from cur_tui.reports.document import Column, Row, Table, clean
from cur_tui.reports.source import Source
from cur_tui.services.figures.measure_words import dimension_title, dimension_value


def top_problems(source: Source, period: Period, query: str) -> Table:
    """What each block was asked about most in ``period``, against the period before.

    Source: the founding acts of Amur (cl. 4.1) and ЕАО (cl. 5.2).
    """
    counted = source.cut(Cut("block", "topic", query=query, period=str(period), compare=True))
    residual = frozenset(topic.code for topic in source.region.topics if topic.is_residual)
    rows = [row for one in problems_by_block(counted, residual) if one.all.now for row in _of(source, one)]
    columns = (
        Column(dimension_title("block"), width=32),
        Column(dimension_title("topic"), width=44),
        Column(_("Registered"), "number"),
        Column(_("Change"), "number"),
        Column(_("Share"), "share"),
    )
    note = _("Shares are of the block's appeals; the screen «Problems» takes apart what is left over.")
    return Table(_("Top problems by block"), columns, tuple(rows), note=note)


def _of(source: Source, one: BlockProblems) -> Iterator[Row]:
    block = clean(dimension_value("block", one.block, source.names))

    def row(topic: str, amount: Amount) -> Row:
        change = None if amount.before is None else amount.now - amount.before
        return block, topic, amount.now, change, amount.now / one.all.now

    for code, amount in one.top:
        yield row(clean(dimension_value("topic", code, source.names)), amount)
    for topic, amount in ((_("Residual"), one.residual), (_("without a topic"), one.unsorted)):
        if amount.now:
            yield row(topic, amount)
