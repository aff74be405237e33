"""What a new edition of a profile lacks, and what it changes though it has been released."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cur_tui.domain.profile.profile import AnswerTemplate, FastTrack, Region
from cur_tui.domain.vocabulary import GENERAL_BLOCK

Versioned = AnswerTemplate | FastTrack


@dataclass(frozen=True, slots=True)
class Released:
    """An entry that was changed under the name that it was released by."""

    kind: str
    code: str


def codes_of(region: Region) -> dict[str, dict[str, str]]:
    """The name of every entry by its code, by kind."""
    return {
        # The general block is there whether a region lists it or not.
        "block": {GENERAL_BLOCK: GENERAL_BLOCK, **{block.code: block.name for block in region.blocks}},
        "topic": {topic.code: topic.name for topic in region.topics},
        "authority": {body.code: body.name for body in region.authorities},
        "municipality": {town.code: town.name for town in region.municipalities},
        "policy": {policy.id: policy.id for policy in region.policies},
        "template": {template.code: template.title for template in region.templates},
        "fast_track": {track.code: track.title for track in region.fast_tracks},
        "role": {rights.role.value: rights.name for rights in region.roles},
    }


def lacking(known: Region, fresh: Region) -> dict[str, dict[str, str]]:
    """What ``known`` names and ``fresh`` does not: names by code, by kind; only kinds that lack anything."""
    there = codes_of(fresh)
    gone = {
        kind: {code: name for code, name in codes.items() if code not in there[kind]}
        for kind, codes in codes_of(known).items()
    }
    return {kind: codes for kind, codes in gone.items() if codes}


def changed_releases(known: Region, fresh: Region) -> list[Released]:
    """The entries of ``fresh`` that differ from those of the same name and version in ``known``.

    Appeals carry the name of their policy, answers that of their template, tables that of their ranking:
    what it stood for must stay what it was.
    """
    return [
        *_changed("policy", {p.id: p for p in known.policies}, {p.id: p for p in fresh.policies}),
        *_changed("ranking", {p.id: p for p in known.ranking}, {p.id: p for p in fresh.ranking}),
        *_changed_versions("template", known.templates, fresh.templates),
        *_changed_versions("fast_track", known.fast_tracks, fresh.fast_tracks),
    ]


def opened_and_closed(known: Region, fresh: Region) -> frozenset[str]:
    """The topics that become restricted or stop being so."""
    before = {topic.code: topic.is_restricted for topic in known.topics}
    return frozenset(t.code for t in fresh.topics if t.is_restricted != before.get(t.code, False))


def _changed(kind: str, known: Mapping[str, object], fresh: Mapping[str, object]) -> list[Released]:
    return [Released(kind, code) for code, one in fresh.items() if code in known and known[code] != one]


def _changed_versions(kind: str, known: Sequence[Versioned], fresh: Sequence[Versioned]) -> list[Released]:
    return _changed(kind, _by_version(known), _by_version(fresh))


def _by_version(entries: Iterable[Versioned]) -> dict[str, object]:
    return {f"{one.code} v{one.version}": one for one in entries}
