"""What is wrong with a query, in one sentence that says where and what was probably meant."""

from cur_tui.domain.query.query import ErrorCode, QueryError
from cur_tui.i18n import N_, _

_SENTENCES: dict[ErrorCode, str] = {
    ErrorCode.TOO_LONG: N_("The filter is longer than {limit} characters."),
    ErrorCode.UNKNOWN_FIELD: N_("There is no field «{name}»."),
    ErrorCode.UNKNOWN_VALUE: N_("«{field}» has no value «{value}»."),
    ErrorCode.AMBIGUOUS_VALUE: N_("«{value}» fits several values of «{field}»: {candidates}."),
    ErrorCode.MISSING_VALUE: N_("«{field}:» needs a value after the colon."),
    ErrorCode.ONE_VALUE_ONLY: N_("«{field}» takes one value."),
    ErrorCode.BAD_TIME: N_("«{value}» is no time for «{field}»: write <4h, today, 2026-11-20 or a range."),
    ErrorCode.UNCLOSED_QUOTE: N_("The quotation mark is not closed."),
    ErrorCode.WRONG_LAYOUT: N_("This was typed in the other keyboard layout."),
}


def query_sentence(error: QueryError) -> str:
    """The sentence of a faulty query, with its place in the line."""
    said = _(_SENTENCES[error.code]).format_map(error.params)
    suggestion = error.params.get("suggestion")
    if suggestion:
        said += " " + _("Did you mean «{suggestion}»?").format(suggestion=suggestion)
    return _("Character {position}: {sentence}").format(position=error.position + 1, sentence=said)
