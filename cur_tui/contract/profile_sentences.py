"""What is wrong with a region profile, and what to do, in the language of the person who keeps the file."""

from collections.abc import Mapping
from typing import Final

from cur_tui.domain.profile.problems import Problem
from cur_tui.i18n import N_, translator

_SENTENCES: Final[Mapping[str, str]] = {
    "not_toml": N_("cannot be read as TOML: {reason}"),
    "unreadable": N_("cannot be read: {reason}"),
    "unknown_key": N_("unknown key '{key}'"),
    "missing_key": N_("'{key}' is required; add it"),
    "wrong_value": N_("the value does not fit: {reason}"),
    "not_a_table_list": N_("must be written as [[{table}]] entries"),
    "not_a_table": N_("must be written as a [{table}] table"),
    "duplicate": N_("'{value}' is defined twice in the same layer; rename or remove one"),
    "unknown_reference": N_("no {kind} '{value}' is known"),
    "self_reference": N_("a topic cannot be confusable with itself; remove '{value}'"),
    "topic_prefix": N_("the code '{value}' must begin with the sector of its block: '{block}.'"),
    "sector_twice": N_("'{value}' has a sector block; remove it from general_takes or remove the block"),
    "no_general_block": N_("a region with sector blocks needs the block 'general' for what no sector claims"),
    "too_few_topics": N_("has {count} topics besides the residual one; the founding acts ask for {least}"),
    "bad_interval": N_(
        "'{value}' is no working interval; write it as \"09:00-13:00\", the end after the start"
    ),
    "intervals_overlap": N_("'{value}' begins before the previous interval ends; put the intervals in order"),
    "no_working_time": N_("no day of the week has working time; give at least one day an interval"),
    "unknown_time_zone": N_("no time zone '{value}'; use an IANA name such as Asia/Yakutsk"),
    "not_positive": N_("must be at least 1, not {value}"),
    "not_a_likeness": N_("must be from 0.3 (alike in something) to 1 (the same), not {value}"),
    "unknown_permission": N_("no permission '{value}'"),
    "works_blind": N_("'{value}' cannot be done on masked texts; add 'see_personal_data'"),
    "unknown_base": N_("no policy '{value}' stands before this one; based_on must name an earlier policy"),
    "clock_twice": N_("the policy has two '{value}' clocks; keep one"),
    "no_final_clock": N_("the policy has no 'final' clock; an appeal under it would never be due"),
    "policy_missing": N_("no policy covers {regime} with {priority} priority; add one without a priority"),
    "policy_twice": N_("policy '{value}' covers the same appeals; give one of them another priority"),
    "steps_unordered": N_("steps must be numbered 1, 2, 3 … in order; this one is {value}"),
    "half_due": N_("due_amount and due_unit go together; give both or neither"),
    "bad_season": N_('a season needs season_from and season_to, each as "MM-DD"'),
    "chain_unapproved": N_("the last step must approve, not {value}"),
    "weights_not_whole": N_("the weights make {total} per cent together; they must make 100"),
    "zones_mixed": N_("the zones overlap; yellow must lie between 1 and green, green at most at 100"),
    "nobody_alerted": N_("alerts nobody: give a role of the region, or worker = true"),
    "above_limit": N_("must be at most {limit}, not {value}"),
    "target_twice": N_("the ranking has two targets for '{value}'; keep one"),
    "alias_twice": N_(
        "'{value}' already names the municipality '{other}'; an import could not tell them apart"
    ),
}
_NEAR: Final = N_("did you mean '{near}'?")
_KNOWN: Final = N_("known: {known}")
_WORDS: Final = N_("use one of: {words}")
_CHECK: Final = N_("check the spelling or add it")
_NAMES: Final = ("unknown_key", "unknown_reference", "unknown_permission")


def problem_sentence(problem: Problem, language: str) -> str:
    """What is wrong and what to do, in ``language`` ("ru" or "en"), without the place."""
    words, params = translator(language), problem.params
    parts = [words.gettext(_SENTENCES[problem.code]).format_map(params)]
    helps = {"near": _NEAR, "known": _KNOWN, "words": _WORDS}
    told = [words.gettext(text).format_map(params) for name, text in helps.items() if name in params]
    if not told and problem.code in _NAMES:
        told = [words.gettext(_CHECK)]
    return "; ".join(parts + told)


def placed_sentence(problem: Problem, language: str) -> str:
    """The same behind the place: file, line and path of the value."""
    return f"{problem.place}: {problem_sentence(problem, language)}"
