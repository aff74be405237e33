"""The words of the query language for the help screen, in the person's language."""

from dataclasses import dataclass

from cur_tui.domain.query.fields import QUERY_HELP
from cur_tui.i18n import N_, _, current

MARKED = (
    N_("Sector block; a comma means «or»"),
    N_("Topic of the classifier"),
    N_("Where the work stands"),
    N_("Legal regime that sets the clocks"),
    N_("How pressing it is"),
    N_("System or channel it came from"),
    N_("Attitude of the author"),
    N_("What the author wants"),
    N_("Place; «none» means not known"),
    N_("Body that answers"),
    N_("Who holds it"),
    N_("Tag"),
    N_("Number of the appeal"),
    N_("Citizen's rating of the answer, 1 to 5"),
    N_("What came of it"),
    N_("Time left to the control date; also today, tomorrow, overdue, a date or a range"),
    N_("Day of registration; also its age as in <7d, today, yesterday"),
    N_("Day on which the answer arrived or it was closed without one; also none"),
    N_("Order of the list; a minus reverses it; «relevance»: by how well the words are met"),
    N_("Open and past its control date"),
    N_("Somebody holds it; a minus means «not»"),
    N_("Nobody holds it"),
    N_("I hold it"),
    N_("Somebody works on it right now"),
    N_("Somebody still owes work on it"),
    N_("Resolved, rejected or forwarded"),
    N_("Part of a mass incident"),
    N_("The applicant asked before"),
    N_("Marked as a duplicate"),
    N_("Delivery of the final answer is confirmed"),
    N_("Due date past the loaded calendar"),
    N_("Has commands that wait to be sent"),
    N_("The answer came back for rework"),
    N_("The answer waits for approval"),
    N_("Handled by a fast track"),
    N_("Answered within the term of law or policy"),
    N_("Answered after that term"),
    N_("Answered under a term that is known"),
    N_("An answer was sent back at least once"),
    N_("Done with an outcome and the evidence that was asked for"),
    N_("Done without one of these"),
    N_("A command was refused and waits for a decision"),
    N_("Has an alert that nobody has acknowledged"),
    N_("The answer could not be delivered"),
    N_("Marked as a conflict with the applicant"),
    N_("Marked as an error of communication"),
)
"""The domain does not translate: its sentences are marked for the catalogues here, in its order."""


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A name of the language, an example, and what it asks."""

    name: str
    example: str
    meaning: str


def query_words() -> tuple[QueryWord, ...]:
    """Every name of the query language."""
    russian = current().language == "ru"
    return tuple(
        QueryWord(
            line.russian if russian else line.name,
            line.example_russian if russian else line.example,
            _(line.meaning),
        )
        for line in QUERY_HELP
    )
