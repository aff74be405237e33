"""The course of an appeal: all of it for the archive, up to a given state for the open ones."""

from cur_tui.domain.vocabulary import Regime, State
from regional_api.generate import answering, distribution
from regional_api.generate.case import Told

_FORWARDED = 0.07
_NOT_WORKED_ON = 0.05
_EXTENDED = 0.09
_REWORKED = 0.13
_INTERIM = {Regime.OPEN_SOURCE: 0.22, Regime.POS_MESSAGE: 0.05, Regime.FZ59: 0.04, Regime.INFORMATION: 0.0}
_CHECKLIST = 0.6
_SATISFIED = 3
_REOPENED = 0.15


def tell(told: Told, target: State | None, *, extended: bool = False) -> None:
    """Let happen what leads to ``target``, or to the end for None. ``extended``: with a prolonged term."""
    if target is State.DISTRIBUTION:
        distribution.glance(told)
        return
    distribution.classify(told)
    if target is None and _ends_early(told):
        return
    distribution.assign(told)
    if told.lucky(0.03):
        distribution.reassign(told)
    if extended or (target is None and told.traits.regime is Regime.FZ59 and told.lucky(_EXTENDED)):
        answering.extend(told)
    if target is State.ASSIGNED:
        _maybe_release(told)
        return
    if target is not None or told.lucky(0.5):
        answering.start(told)
    if _work(told, target):
        return
    answering.submit(told)
    if target is State.IN_REVIEW:
        return
    if target is State.REVISION_REQUIRED or told.lucky(_REWORKED):
        answering.send_to_rework(told)
        if target is State.REVISION_REQUIRED:
            return
        answering.submit(told)
    answering.approve(told)
    if target is State.APPROVED:
        if told.lucky(0.6):
            answering.deliver(told, confirmed=False)
        return
    answering.deliver(told, confirmed=True)
    answering.rate(told)
    if (told.appeal.rating or _SATISFIED) < _SATISFIED and told.lucky(_REOPENED):
        answering.reopen(told)
        answering.submit(told)
        answering.approve(told)
        answering.deliver(told, confirmed=True)


def _ends_early(told: Told) -> bool:
    """Send the appeal on or close it without work, as some are."""
    if told.lucky(_FORWARDED):
        distribution.forward(told)
        return True
    if told.lucky(_NOT_WORKED_ON):
        distribution.close_without_work(told)
        return True
    return False


def _work(told: Told, target: State | None) -> bool:
    """The work between the start and the answer; True when the target lies within it."""
    track = answering.fast_track_of(told)
    if track is not None and target is not State.DEFERRED and told.lucky(_CHECKLIST):
        partly = target in (State.IN_PROGRESS, State.INTERIM_PUBLISHED)
        answering.run_checklist(told, track, share=told.rng.uniform(0.2, 0.9) if partly else 1.0)
    if target is State.INTERIM_PUBLISHED:
        answering.answer_interim(told, delivered=told.lucky(0.8))
        _maybe_release(told)
        return True
    if told.lucky(_INTERIM[told.traits.regime]):
        answering.answer_interim(told, delivered=True)
        answering.take_up(told)
    if target is State.IN_PROGRESS:
        _maybe_release(told)
        return True
    if target is State.DEFERRED:
        answering.defer(told, resumed=False)
        return True
    if target is None and told.lucky(0.015):
        answering.defer(told, resumed=True)
    return False


def _maybe_release(told: Told) -> None:
    if told.lucky(0.75):
        told.chronicle.release()
