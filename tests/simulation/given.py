"""Mass incidents as they must be: every member has its head's answer, once. Written without the product's
rules.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from cur_tui.domain.model import Answer, Appeal

_HEAD = "mass_incident_head"
_GETS = frozenset({"pos_message", "open_source"})
_WAITS = frozenset(
    {
        "new",
        "distribution",
        "assigned",
        "in_progress",
        "revision_required",
        "interim_published",
        "deferred",
    }
)
_APPROVED = frozenset({"approved", "queued", "sent", "confirmed", "failed"})


def broken_incidents(appeals: Mapping[str, Appeal], restricted: str) -> Iterator[str]:
    """Who was given an answer twice, another one than the head's, or none; ``restricted`` is the topic whose
    texts are not for the readers of others.
    """
    numbers = {appeal.number: appeal for appeal in appeals.values()}
    for member in appeals.values():
        given = [event.details for event in member.timeline if event.type == "mass_answer"]
        for what, times in Counter((one["head"], one["digest"]) for one in given).items():
            if times > 1:
                yield f"{member.number}: was given the answer of {what[0]} {times} times"
        for one in given:
            head, mine = numbers.get(one["head"]), member.answer(one["answer"])
            if member.regime not in _GETS:
                yield f"{member.number}: is owed a letter of its own"
            if head is not None and (mine is None or mine.text not in {known.text for known in head.answers}):
                yield f"{member.number}: what it was given is not what {head.number} says"
        head = appeals.get(_head_of(member))
        owed = _owed(head) if head is not None else None
        if head is None or owed is None or (head.topic == restricted and member.topic != restricted):
            continue
        waits = member.state in _WAITS and member.regime in _GETS
        if waits and (head.number, owed.digest) not in {(one["head"], one["digest"]) for one in given}:
            yield f"{member.number}: was not given the answer of {head.number}"


def _head_of(member: Appeal) -> str:
    joined = [link.appeal for link in member.links if link.kind == "mass_incident"]
    return joined[-1] if joined else ""


def _owed(head: Appeal) -> Answer | None:
    if _HEAD not in head.flags:
        return None
    approved = [answer for answer in head.answers if answer.status in _APPROVED]
    finals = [answer for answer in approved if answer.kind == "final"]
    interims = [answer for answer in approved if answer.kind == "interim"]
    return (finals or interims or [None])[-1]
