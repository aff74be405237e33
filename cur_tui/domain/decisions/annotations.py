"""Commands that add to an appeal without moving it: leases, notes, tags, flags, links, files."""

from collections.abc import Callable
from typing import Any

from cur_tui.domain.commands import (
    AddNote,
    Attach,
    ClaimAppeal,
    KeepApart,
    LeadIncident,
    LinkAppeal,
    ReleaseClaim,
    SetFlag,
    Tag,
    TakeOver,
)
from cur_tui.domain.decisions.case import Case, required_text
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal, Attachment, Link, Note
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import HEAD_FLAG, LinkKind

FLAGS = ("conflict", "communication_error", "on_control")
"""The flags of the decrees: conflicts, errors of communication (A 2.2(2)), and control."""

MAX_TAG = 40


def _claim(case: Case, _: ClaimAppeal) -> Appeal:
    return case.before


def _release(case: Case, _: ReleaseClaim) -> Appeal:
    claim = case.before.claim
    if claim is not None and claim.holder != case.actor.account and claim.until > case.now:
        raise Refused(
            "claimed_by_other",
            number=case.before.number,
            holder=claim.holder_name,
            until=claim.until.isoformat(),
        )
    return replace(case.before, claim=None)


def _take_over(case: Case, _: TakeOver) -> Appeal:
    if case.before.claim is not None:
        case.details["from_holder"] = case.before.claim.holder_name
    return case.before


def _note(case: Case, arguments: AddNote) -> Appeal:
    note = Note(
        id=case.command.id,
        author=case.actor.account,
        author_name=case.actor.name,
        at=case.now,
        text=required_text("text", arguments.text),
    )
    return replace(case.before, notes=(*case.before.notes, note))


def _tag(case: Case, arguments: Tag) -> Appeal:
    added = [required_text("add", tag).casefold() for tag in arguments.add]
    if not added and not arguments.remove:
        raise Refused("empty_field", field="add")
    for tag in added:
        if len(tag) > MAX_TAG or " " in tag:
            raise Refused("invalid_value", field="add", value=tag)
    removed = {tag.casefold() for tag in arguments.remove}
    kept = [tag for tag in case.before.tags if tag not in removed]
    case.details.update(add=" ".join(added), remove=" ".join(sorted(removed)))
    return replace(case.before, tags=tuple(dict.fromkeys([*kept, *added])))


def _flag(case: Case, arguments: SetFlag) -> Appeal:
    if arguments.flag not in FLAGS:
        raise Refused("unknown_reference", field="flag", value=arguments.flag)
    flags = [flag for flag in case.before.flags if flag != arguments.flag]
    if arguments.raised:
        flags.append(arguments.flag)
    case.details.update(flag=arguments.flag, raised=str(arguments.raised).lower())
    return replace(case.before, flags=tuple(flags))


def _link(case: Case, arguments: LinkAppeal) -> Appeal:
    if arguments.target == case.before.id:
        raise Refused("link_to_itself", number=case.before.number)
    joins = arguments.kind is LinkKind.MASS_INCIDENT
    if joins and HEAD_FLAG in case.before.flags:
        raise Refused("head_cannot_join", number=case.before.number)
    link = Link(arguments.kind, arguments.target, arguments.target_number)
    links = [
        known
        for known in case.before.links
        # A member has one head: two answers to one matter would be one too many.
        if known.appeal != arguments.target and not (joins and known.kind is LinkKind.MASS_INCIDENT)
    ]
    case.details.update(kind=arguments.kind.value, target=arguments.target_number)
    return replace(
        case.before,
        links=(*links, link),
        is_repeat=case.before.is_repeat or arguments.kind is LinkKind.REPEAT,
    )


def _keep_apart(case: Case, arguments: KeepApart) -> Appeal:
    if arguments.target == case.before.id:
        raise Refused("link_to_itself", number=case.before.number)
    case.details["target"] = arguments.target_number
    links = tuple(link for link in case.before.links if link.appeal != arguments.target)
    return replace(case.before, links=links)


def _lead(case: Case, arguments: LeadIncident) -> Appeal:
    before = case.before
    if arguments.leads and any(link.kind is LinkKind.MASS_INCIDENT for link in before.links):
        raise Refused("member_cannot_lead", number=before.number)
    case.details["leads"] = str(arguments.leads).lower()
    flags = [flag for flag in before.flags if flag != HEAD_FLAG]
    return replace(before, flags=(*flags, HEAD_FLAG) if arguments.leads else tuple(flags))


def _attach(case: Case, arguments: Attach) -> Appeal:
    if any(known.sha256 == arguments.sha256 for known in case.before.attachments):
        return case.before
    attachment = Attachment(
        sha256=arguments.sha256,
        name=arguments.name,
        size=arguments.size,
        media_type=arguments.media_type,
        by=case.actor.account,
        at=case.now,
    )
    case.details["sha256"] = arguments.sha256
    return replace(case.before, attachments=(*case.before.attachments, attachment))


HANDLERS: dict[Any, Callable[[Case, Any], Appeal]] = {
    ClaimAppeal: _claim,
    ReleaseClaim: _release,
    TakeOver: _take_over,
    AddNote: _note,
    Tag: _tag,
    SetFlag: _flag,
    LinkAppeal: _link,
    KeepApart: _keep_apart,
    LeadIncident: _lead,
    Attach: _attach,
}
