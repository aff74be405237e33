"""``regional-api oidc``: sign in through the region's identity provider."""

import argparse
import sys

import msgspec

from cur_tui.i18n import _
from cur_tui.printing import json_line
from regional_api.centre import open_centre
from regional_api.cli.arguments import add_database
from regional_api.cli.words import UsageError
from regional_api.database.connections import Database
from regional_api.identity.oidc.provider import Provider, ProviderError
from regional_api.identity.oidc.settings import OidcSettings, read_settings, write_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    setting = acts.add_parser("set", help=_("sign in through this provider"))
    setting.add_argument("--issuer", required=True, metavar="URL", help=_("the provider's address, exactly"))
    setting.add_argument("--client-id", required=True, metavar="ID", help=_("what the provider calls us"))
    setting.add_argument(
        "--claim",
        default="sub",
        metavar=_("NAME"),
        help=_("the claim that is compared with an account's single sign-on"),
    )
    setting.add_argument("--scope", default="openid", metavar=_("NAMES"), help=_("what is asked for"))
    setting.add_argument(
        "--secret-file", metavar=_("FILE"), help=_("the client's secret, if the provider gave one")
    )
    setting.add_argument("--ca-file", metavar=_("FILE"), help=_("the provider's own certificate authority"))
    setting.add_argument(
        "--needs-nonce", action="store_true", help=_("the provider repeats the nonce, and must do so")
    )
    acts.add_parser("show", help=_("show the provider"))
    acts.add_parser("check", help=_("ask the provider what it says of itself"))
    acts.add_parser("off", help=_("passwords only"))
    for act in acts.choices.values():
        add_database(act)


def run(arguments: argparse.Namespace) -> int:
    """Set, show, check or forget the provider."""
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        match arguments.act:
            case "set":
                write_settings(
                    centre,
                    OidcSettings(
                        issuer=arguments.issuer,
                        client_id=arguments.client_id,
                        claim=arguments.claim,
                        scope=arguments.scope,
                        ca_file=arguments.ca_file,
                        secret_file=arguments.secret_file,
                        needs_nonce=arguments.needs_nonce,
                    ),
                )
            case "off":
                write_settings(centre, None)
        with database.reading() as connection:
            settings = read_settings(connection)
        answer: dict[str, object] = {"oidc": None if settings is None else msgspec.to_builtins(settings)}
        if arguments.act == "check" and settings is not None:
            answer["provider"] = _look(settings)
    finally:
        database.close()
    sys.stdout.write(json_line(answer))
    return 0


def _look(settings: OidcSettings) -> object:
    try:
        with Provider(settings) as provider:
            metadata = provider.discover()
            keys = provider.keys(metadata).get("keys")
    except ProviderError as error:
        raise UsageError(_("The provider cannot be used: {reason}.").format(reason=error)) from None
    return {**msgspec.to_builtins(metadata), "keys": len(keys) if isinstance(keys, list) else 0}
