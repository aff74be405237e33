"""What ``regional-api profile`` says, in the person's language."""

from collections.abc import Mapping
from dataclasses import asdict

from cur_tui.domain.profile.profile import Region
from cur_tui.formats import format_number
from cur_tui.i18n import N_, _, ngettext
from regional_api.profiles.loading import EditionRefused, Loaded
from regional_api.profiles.uses import Use

_KINDS = {
    "block": N_("blocks"),
    "topic": N_("topics"),
    "authority": N_("bodies"),
    "municipality": N_("municipalities"),
    "policy": N_("policies of terms"),
    "template": N_("templates"),
    "fast_track": N_("fast tracks"),
    "role": N_("roles"),
    "escalation": N_("steps of escalation"),
    "staffing": N_("norms of staffing"),
    "ranking": N_("ranking policies"),
    "retention": N_("terms of storage"),
}
_USED = {
    "block": N_("block «{code}» ({name})"),
    "topic": N_("topic «{code}» ({name})"),
    "authority": N_("body «{code}» ({name})"),
    "municipality": N_("municipality «{code}» ({name})"),
    "policy": N_("policy of terms «{code}»"),
    "template": N_("template «{code}» ({name})"),
    "fast_track": N_("fast track «{code}» ({name})"),
    "role": N_("role «{code}» ({name})"),
    "cut": N_("value «{code}» in the kept cut «{name}»"),
}
_WHERE = {
    "appeals": N_("appeals: {count}"),
    "accounts": N_("accounts: {count}"),
    "cuts": N_("kept cuts: {count}"),
    "api_keys": N_("keys of applications: {count}"),
    "requests": N_("requests of applications: {count}"),
    "incidents": N_("mass incidents: {count}"),
}
_CHANGED = {
    "policy": N_("policy of terms «{code}»"),
    "ranking": N_("ranking policy «{code}»"),
    "template": N_("template «{code}»"),
    "fast_track": N_("fast track «{code}»"),
}
_REASONS = {
    "other_region": N_("The profile is of the region «{given}», the database of «{known}»."),
    "older": N_(
        "Edition {known} is in force, the file holds edition {given}. Give the file a higher version."
    ),
    "same_version": N_(
        "Edition {given} is in force with other content. Raise version in the file, so that workstations "
        "fetch it."
    ),
    "overtaken": N_("Edition {known} was put in force meanwhile. Look at it: regional-api profile show"),
}


def shown(region: Region, sizes: Mapping[str, int]) -> str:
    """A profile in a few lines."""
    head = _("{name} ({code}), edition {version}").format(
        name=region.name, code=region.code, version=region.version
    )
    return "\n".join([head, *(f"  {_(_KINDS[kind])}: {format_number(sizes[kind])}" for kind in sizes)])


def loaded(done: Loaded, refitted: int, *, dry: bool) -> str:
    """What came of an edition."""
    if not done.changed:
        lines = [_("Edition {version} is in force already: nothing to do.").format(version=done.version)]
    elif dry:
        lines = [_("Edition {version} can take the place of {before}. Nothing has changed yet.")]
    else:
        lines = [_("Edition {version} is in force instead of {before}. Workstations get it by themselves.")]
    lines = [line.format(version=done.version, before=done.before) for line in lines]
    for pattern, numbers in (
        (_("  new {kind}: {count}"), done.added),
        (_("  gone {kind}: {count}"), done.removed),
    ):
        lines += [
            pattern.format(kind=_(_KINDS[kind]), count=format_number(count))
            for kind, count in numbers.items()
        ]
    if done.restriction:
        lines.append(_("  seen by others than before: {topics}").format(topics=", ".join(done.restriction)))
    if refitted:
        lines.append(_("  appeals put in their new place: {count}").format(count=format_number(refitted)))
    return "\n".join(lines)


def unfinished() -> str:
    """That appeals still wait for their new place."""
    return _(
        "Some appeals still wait for their new place. A running server goes on with them; without one: "
        "regional-api profile load with the same edition."
    )


def refusal(refused: EditionRefused) -> str:
    """Why an edition was refused, and what to do."""
    match refused.reason:
        case "in_use":
            return _in_use(refused.uses)
        case "released":
            named = [f"  {_(_CHANGED[one.kind]).format(code=one.code)}" for one in refused.released]
            head = ngettext(
                "The edition changes {count} entry that was released under its name:",
                "The edition changes {count} entries that were released under their names:",
                len(named),
            ).format(count=len(named))
            advice = _(
                "What appeals were promised stays what it was: add a new entry with a new id (template and "
                "fast track: with a higher version), and leave the old one as it is."
            )
            return "\n".join([head, *named, advice])
        case reason:
            return _(_REASONS[reason]).format(known=refused.known, given=refused.given)


def refusal_as_json(refused: EditionRefused) -> dict[str, object]:
    """The same for a program."""
    return {
        "refused": refused.reason,
        "known": refused.known,
        "given": refused.given,
        "uses": [asdict(use) for use in refused.uses],
        "released": [asdict(one) for one in refused.released],
    }


def _in_use(uses: tuple[Use, ...]) -> str:
    by_code: dict[tuple[str, str, str], list[str]] = {}
    for use in uses:
        counts = by_code.setdefault((use.kind, use.code, use.name), [])
        counts.append(_(_WHERE[use.where]).format(count=format_number(use.count)))
    head = ngettext(
        "The edition lacks {count} code that is still in use:",
        "The edition lacks {count} codes that are still in use:",
        len(by_code),
    ).format(count=len(by_code))
    lines = [
        f"  {_(_USED[kind]).format(code=code, name=name)} — {', '.join(counts)}"
        for (kind, code, name), counts in by_code.items()
    ]
    advice = _(
        "Keep these entries in the file: appeals that are closed carry them for ever. What only accounts, "
        "cuts or keys use can be changed there first (regional-api user change, regional-api open311 revoke)."
    )
    return "\n".join([head, *lines, advice])
