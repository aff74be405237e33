"""What the desk does before anybody answers: classify, link, note, assign, or send away."""

from datetime import timedelta

from cur_tui.domain.commands import (
    AddNote,
    Assign,
    ClaimAppeal,
    Classify,
    Forward,
    HandleSpecially,
    LinkAppeal,
    Reject,
    ReturnAssignment,
    SetFlag,
    Tag,
)
from cur_tui.domain.vocabulary import (
    LinkKind,
    Regime,
    RejectionReason,
    SpecialGround,
    TemplateKind,
)
from regional_api.generate.case import Relation, Told

_SHIFT = timedelta(hours=6)
_ANSWER_PAGE = "https://region.example.org/answers/112"
_MERGE_TAG = {LinkKind.DUPLICATE: "дубль", LinkKind.REPEAT: "повтор", LinkKind.MASS_INCIDENT: "массовое"}


def glance(told: Told) -> None:
    """Leave the appeal on distribution, perhaps looked at already."""
    chronicle = told.chronicle
    if told.lucky(0.12) and chronicle.now - chronicle.at < _SHIFT:
        # Somebody has it open just now: the lease is still running.
        lease = chronicle.rulebook.region.lease_minutes
        since = (chronicle.now - chronicle.at).total_seconds() / 60
        chronicle.advance(max(0.0, since - told.rng.uniform(0.2, lease)))
        chronicle.do(ClaimAppeal(), told.operator)
    elif told.lucky(0.25):
        classify(told)
        chronicle.release()
    elif told.relation is not None:
        chronicle.wait(20, round_the_clock=told.is_emergency)
        _link(told, told.relation)


def classify(told: Told) -> None:
    """Say what it is about, with the small change that belongs to it."""
    chronicle, traits = told.chronicle, told.traits
    chronicle.wait(12 if told.is_emergency else 50, round_the_clock=told.is_emergency)
    place = told.scene.spot.place
    chronicle.do(
        Classify(
            topic=traits.topic.code,
            item_kind=traits.kind,
            tone=traits.tone,
            essence=told.composer.essence(told.scene) if told.lucky(0.3) else None,
            municipality=place.municipality,
            address=place.address,
        ),
        told.operator,
    )
    if told.relation is not None:
        _link(told, told.relation)
    if told.lucky(0.12):
        chronicle.wait(3)
        chronicle.do(AddNote(told.remark("notes")), told.operator)
    if told.lucky(0.05):
        flag = told.rng.choice(("on_control", "on_control", "conflict", "communication_error"))
        chronicle.do(SetFlag(flag), told.operator)


def _link(told: Told, relation: Relation) -> None:
    told.chronicle.do(LinkAppeal(relation.kind, relation.target, relation.number), told.operator)
    if told.lucky(0.4):
        told.chronicle.do(Tag(add=(_MERGE_TAG[relation.kind],)), told.operator)


def assign(told: Told) -> None:
    """Give it to the body that answers; now and then to the wrong one first."""
    chronicle = told.chronicle
    if told.lucky(0.04):
        wrong = told.staff.other_body(told.body.code, told.rng)
        chronicle.wait(10, round_the_clock=told.is_emergency)
        chronicle.do(Assign(wrong.code), told.operator)
        chronicle.release()
        chronicle.advance(told.rng.uniform(2, 40))
        chronicle.do(
            ReturnAssignment(told.remark("return_reasons")), told.staff.officer(wrong.code, told.rng)
        )
    chronicle.wait(10, round_the_clock=told.is_emergency)
    executor = told.officer.account if told.lucky(0.6) else None
    chronicle.do(Assign(told.body.code, executor), told.operator)


def reassign(told: Told) -> None:
    """A supervisor gives it to another body with a reason."""
    chronicle = told.chronicle
    chronicle.wait(200)
    told.body = told.staff.other_body(told.body.code, told.rng)
    told.officer = told.staff.officer(told.body.code, told.rng)
    chronicle.do(Assign(told.body.code, None, told.remark("return_reasons")), told.staff.supervisor(told.rng))


def forward(told: Told) -> None:
    """Send it on by competence, with the notice to the applicant (59-ФЗ art. 8 part 3)."""
    chronicle = told.chronicle
    chronicle.wait(60)
    other = told.staff.other_body(told.body.code, told.rng)
    notice = told.writer.write(
        TemplateKind.FORWARDED, told.appeal, told.scene, told.body, chronicle.at, told.words,
        forwarded_to=other.name,
    )  # fmt: skip
    chronicle.do(Forward(other.name, told.remark("return_reasons"), notice.text), told.operator)


def close_without_work(told: Told) -> None:
    """Reject an item that is not worked on; a statutory one goes the way of 59-ФЗ art. 11."""
    told.chronicle.wait(90)
    if told.traits.regime is not Regime.FZ59:
        told.chronicle.do(Reject(told.rng.choice(tuple(RejectionReason))), told.operator)
        return
    ground = told.rng.choice(tuple(SpecialGround))
    notice = told.writer.special_notice(
        ground, told.appeal, told.scene, told.body, told.chronicle.at, told.words
    )
    url = _ANSWER_PAGE if ground is SpecialGround.PUBLISHED_ANSWER else ""
    ends_correspondence = ground is SpecialGround.REPEATED_NO_NEW_ARGUMENTS
    actor = told.staff.supervisor(told.rng) if ends_correspondence else told.operator
    told.chronicle.do(HandleSpecially(ground, notice, url), actor)
