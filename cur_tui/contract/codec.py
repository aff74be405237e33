"""Encoding of the domain's values, and the one place that turns loose input into typed arguments."""

import difflib
from collections.abc import Mapping
from dataclasses import fields, replace

import msgspec

from cur_tui.domain.commands import COMMANDS, EVERY_COMMAND, Arguments
from cur_tui.domain.model import NO_APPLICANT, Appeal, Applicant
from cur_tui.domain.refusal import Refused

_encoder = msgspec.json.Encoder(uuid_format="canonical")
_appeal_decoder = msgspec.json.Decoder(Appeal)
_applicant_decoder = msgspec.json.Decoder(Applicant)


def encode_appeal(appeal: Appeal) -> bytes:
    """The aggregate as JSON, without the applicant: personal data is stored and sent apart from it."""
    return _encoder.encode(replace(appeal, applicant=NO_APPLICANT))


def encode_applicant(applicant: Applicant) -> bytes:
    """The applicant as JSON."""
    return _encoder.encode(applicant)


def decode_appeal(document: bytes | str, applicant: bytes | str | None = None) -> Appeal:
    """The aggregate from its two documents. Raises :class:`msgspec.DecodeError` for anything else."""
    appeal = _appeal_decoder.decode(document)
    return replace(appeal, applicant=_applicant_decoder.decode(applicant)) if applicant else appeal


def encode_arguments(arguments: Arguments) -> bytes:
    """Command arguments as JSON."""
    return _encoder.encode(arguments)


def parse_arguments(name: str, values: Mapping[str, object], *, strict: bool = True) -> Arguments:
    """Typed arguments of the command ``name``.

    ``strict`` False also takes numbers, dates and truth values as text and a comma-separated text for a
    list, as a command line gives them. Raises :class:`Refused` with ``unknown_command``,
    ``unknown_field``, ``missing_field`` or ``invalid_value``; the first two carry the nearest known name.
    """
    shape = EVERY_COMMAND.get(name)
    if shape is None:
        raise unknown_command(name)
    known = {f.name: f for f in fields(shape)}
    for given in values:
        if given not in known:
            raise Refused("unknown_field", command=name, field=given, nearest=_nearest(given, known))
    prepared = dict(values)
    if not strict:
        for given, value in values.items():
            if isinstance(value, str) and "tuple[" in str(known[given].type):
                prepared[given] = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return msgspec.convert(prepared, shape, strict=strict)
    except msgspec.ValidationError as error:
        raise _as_refusal(name, error, prepared) from None


def unknown_command(name: str) -> Refused:
    """The refusal of a command that does not exist, with the nearest one that does."""
    return Refused("unknown_command", command=name, nearest=_nearest(name, COMMANDS))


def _as_refusal(name: str, error: msgspec.ValidationError, values: Mapping[str, object]) -> Refused:
    message = str(error)
    if "missing required field" in message:
        return Refused("missing_field", command=name, field=message.split("`")[1])
    path = message.rpartition("`$.")[2].rstrip("`") if "`$." in message else ""
    field = path.partition("[")[0]
    return Refused("invalid_value", field=field or name, value=str(values.get(field, ""))[:80])


def _nearest(name: str, known: Mapping[str, object]) -> str:
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.4)), "")
