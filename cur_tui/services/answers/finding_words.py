"""What the remarks of the answer checks say to an author: one sentence a rule, with what to do about it."""

from datetime import date

from cur_tui.domain.answers.lint import Finding, Severity
from cur_tui.formats import format_date
from cur_tui.i18n import N_, _

SENTENCES: dict[str, str] = {
    "answer_empty": N_("The answer is empty. Write it or choose a template (Ctrl+T)."),
    "answer_too_long": N_("The answer is longer than {limit} characters. Shorten it."),
    "answer_too_short": N_(
        "Only {letters} letters: too few for an answer to the question ({minimum} at least)."
    ),
    "unresolved_placeholder": N_("Fill in ⟦{placeholder}⟧: {meaning}."),
    "rating_request_unsolved": N_("Do not ask for a rating while the problem is not solved."),
    "promised_date_missing": N_("Planned work needs its date. Fill in «By when»."),
    "promised_date_not_in_text": N_("The promised date {date} is not in the text. Name it to the resident."),
    "identity_number": N_("A number of an identity document or a bank card must not be in an answer."),
    "birth_date": N_("A date of birth must not be in an answer."),
    "personal_contact": N_("Somebody's personal phone or e-mail. Give an official contact instead."),
    "home_address_in_public": N_("A flat's address in a public answer. Send it by a private channel."),
    "health_detail_in_public": N_("Health details in a public answer. Move them to a private channel."),
    "person_named": N_("A person is named. Make sure that they agreed or hold an office."),
    "interim_without_date": N_("An interim answer without a date. Say when the next one comes."),
    "vague_term": N_("«{phrase}» is no date. Name the day."),
    "evidence_missing": N_("«Solved» without evidence. Name the act or the photographs."),
    "legal_references_pile": N_(
        "Too many legal references ({acts} acts, {clauses} clauses). Explain instead."
    ),
    "full_act_title": N_("The full title of an act makes a text hard to read. Shorten it."),
    "legal_opening": N_("The text begins with a law. Begin with what was done."),
    "wrong_regime_reference": N_("59-ФЗ does not govern messages from open sources. Leave it out."),
    "formal_answer": N_("«{phrase}» and nothing else says nothing. Tell what was found and done."),
    "impossible_without_reason": N_("«{phrase}» without the reason. Explain why."),
    "redirect_without_contact": N_("«{phrase}» without a contact. Name a phone or an address."),
    "officialese": N_("«{phrase}» is officialese. Better: «{suggestion}»."),
    "emoji_on_tragedy": N_("An emoji beside a tragedy. Remove it."),
    "diminutive_on_tragedy": N_("«{phrase}» beside a tragedy. Choose another word."),
    "emoji_in_letter": N_("An emoji in an official letter. Better without it."),
    "unexplained_abbreviation": N_("«{abbreviation}» may be unknown. Write «{suggestion}»."),
    "length_for_social": N_(
        "{length} characters; people read {minimum} to {maximum} to the end in social networks."
    ),
    "greeting_missing": N_("There is no greeting. Begin with «Здравствуйте»."),
}
"""A sentence for every rule of :data:`cur_tui.domain.answers.lint.RULES`."""

PLACEHOLDER_WORDS: dict[str, str] = {
    "incident_code": N_("number of the appeal"),
    "registration_date": N_("day of registration"),
    "citizen_name": N_("how the resident is addressed"),
    "address": N_("where the problem is"),
    "topic": N_("what the appeal is about"),
    "question": N_("what has to be clarified, as a whole sentence"),
    "result": N_("what was checked and done, in whole sentences"),
    "authority": N_("the body that answers"),
    "authority_signature": N_("signature of the body that answers"),
    "executor_phone": N_("the one contact for further questions"),
    "due_date": N_("day by which the next answer is promised"),
    "planned_date": N_("day by which the work is promised"),
    "done_date": N_("day on which the work was done"),
    "forwarded_to": N_("body that the appeal was forwarded to"),
    "legal_basis_short": N_("clause of the law, in its short form"),
    "answer_url": N_("address of the page with the published answer"),
    "photo_links": N_("links to the photographs after the work"),
}
"""What each placeholder stands for, for the person who has to fill it in."""

_SEVERITIES: dict[Severity, tuple[str, str]] = {
    Severity.BLOCK: ("✗", N_("blocks")),
    Severity.WARN: ("!", N_("attention")),
    Severity.HINT: ("i", N_("hint")),
}


def finding_sentence(finding: Finding) -> str:
    """The remark in words; a rule of a newer program reads as its code."""
    pattern = SENTENCES.get(finding.rule)
    if pattern is None:
        return finding.rule
    params = _Known(finding.params)
    if "placeholder" in params:
        params["meaning"] = placeholder_words(params["placeholder"])
    if "date" in params:
        params["date"] = format_date(date.fromisoformat(params["date"]))
    return _(pattern).format_map(params)


def placeholder_words(name: str) -> str:
    """What a placeholder stands for; a stray bracket has no meaning to tell."""
    words = PLACEHOLDER_WORDS.get(name)
    return _(words) if words else _("remove what is left of the template")


def severity_symbol(severity: Severity) -> str:
    """A sign for a severity, readable without colour."""
    return _SEVERITIES[severity][0]


def severity_word(severity: Severity) -> str:
    """The word for a severity."""
    return _(_SEVERITIES[severity][1])


def place_of(finding: Finding, text: str) -> str:
    """Where a remark points: its line, or the whole text."""
    if finding.start == 0 and finding.end >= len(text):
        return _("whole text")
    return _("line {n}").format(n=text.count("\n", 0, finding.start) + 1)


class _Known(dict[str, str]):
    """Parameters; a missing one reads as an ellipsis, since a remark must never fail to be said."""

    def __missing__(self, key: str) -> str:
        return "…"
