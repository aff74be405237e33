"""``regional-api open311``: offer Open311, and issue, list and revoke the keys of applications."""

import argparse
import sys
from datetime import UTC, datetime

import msgspec

from cur_tui.i18n import _
from cur_tui.printing import json_line
from regional_api.centre import Centre, open_centre
from regional_api.cli.arguments import add_database
from regional_api.clock import stamp
from regional_api.database.connections import Database
from regional_api.open311.keys import SCOPES, SUBMIT, ApiKey, KeyTerms, issue, list_keys, revoke
from regional_api.open311.settings import Open311Settings, read_settings, write_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    offer = acts.add_parser("on", help=_("offer Open311"))
    offer.add_argument(
        "--url", required=True, metavar="URL", help=_("the endpoint as the public reaches it, ends in /v2/")
    )
    offer.add_argument("--jurisdiction", metavar="ID", help=_("by default the region's code"))
    offer.add_argument("--contact", default="", metavar=_("TEXT"), help=_("whom developers may ask"))
    offer.add_argument("--key-service", default="", metavar=_("TEXT"), help=_("how to get a key"))
    offer.add_argument("--public-reading", action="store_true", help=_("requests may be read without a key"))
    offer.add_argument("--tokens", action="store_true", help=_("answer with a token instead of the id"))
    acts.add_parser("off", help=_("offer nothing; keys are kept"))
    acts.add_parser("show", help=_("show how Open311 is offered"))
    issuing = acts.add_parser("issue", help=_("issue a key and show it, this once"))
    issuing.add_argument("name", metavar=_("NAME"), help=_("the application"))
    issuing.add_argument(
        "--scope",
        action="extend",
        nargs="+",
        choices=SCOPES,
        help=_("what it may do; submit when nothing is given"),
    )
    issuing.add_argument(
        "--service", action="extend", nargs="+", default=[], metavar=_("CODE"), help=_("only these services")
    )
    issuing.add_argument(
        "--identified",
        action="store_true",
        help=_("it identifies its users by law: what can be answered is a statutory appeal (59-ФЗ)"),
    )
    issuing.add_argument("--per-minute", type=int, default=60, metavar="N", help=_("calls a minute"))
    issuing.add_argument("--per-day", type=int, default=1_000, metavar="N", help=_("requests in 24 hours"))
    acts.add_parser("keys", help=_("list the keys"))
    revoking = acts.add_parser("revoke", help=_("end a key for good"))
    revoking.add_argument("id", metavar="ID", help=_("the id of the key, from the list"))
    for act in acts.choices.values():
        add_database(act)


def run(arguments: argparse.Namespace) -> int:
    """Do one act."""
    database = Database(arguments.database)
    try:
        answer = _do(open_centre(database), arguments)
    finally:
        database.close()
    sys.stdout.write(json_line(answer))
    return 0


def _do(centre: Centre, arguments: argparse.Namespace) -> object:
    match arguments.act:
        case "issue":
            terms = KeyTerms(
                name=arguments.name,
                scopes=frozenset(arguments.scope or (SUBMIT,)),
                services=frozenset(arguments.service),
                identified=arguments.identified,
                per_minute=arguments.per_minute,
                per_day=arguments.per_day,
            )
            id, secret = issue(centre, terms)
            return {"id": id, "api_key": secret}
        case "keys":
            with centre.database.reading() as connection:
                return {"keys": [_shown(key) for key in list_keys(connection)]}
        case "revoke":
            return _shown(revoke(centre, arguments.id))
        case "on":
            settings = Open311Settings(
                url=arguments.url,
                jurisdiction=arguments.jurisdiction or centre.region.code,
                contact=arguments.contact,
                key_service=arguments.key_service,
                public_reading=arguments.public_reading,
                answers="token" if arguments.tokens else "id",
            )
            write_settings(centre, settings)
        case "off":
            write_settings(centre, None)
    with centre.database.reading() as connection:
        now = read_settings(connection)
    return {"open311": None if now is None else msgspec.to_builtins(now)}


def _shown(key: ApiKey) -> dict[str, object]:
    terms = key.terms
    return {
        "id": key.id,
        "name": terms.name,
        "scopes": sorted(terms.scopes),
        "services": sorted(terms.services),
        "identified": terms.identified,
        "per_minute": terms.per_minute,
        "per_day": terms.per_day,
        "created_at": _moment(key.created_at),
        "revoked_at": None if key.revoked_at is None else _moment(key.revoked_at),
    }


def _moment(seconds: int) -> str:
    return stamp(datetime.fromtimestamp(seconds, UTC))
