"""``regional-api user``: add and list accounts."""

import argparse
import getpass
import sys

from cur_tui.domain.profile import Region
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Role
from cur_tui.i18n import _
from cur_tui.printing import json_line
from regional_api.accounts import NewAccount, add_account, list_accounts
from regional_api.centre import open_centre
from regional_api.cli.words import UsageError, nearest
from regional_api.database import Database
from regional_api.identity import ALL_BLOCKS
from regional_api.unit_of_work import unit_of_work

SHORT_ROLES = {"operator": Role.BLOCK_OPERATOR.value, "agency": Role.SECONDED_AGENT.value}
"""What the demonstration and people call the two desks that type the most."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    add = acts.add_parser("add", help=_("add an account"))
    add.add_argument("name", metavar=_("NAME"), help=_("the name to sign in with"))
    add.add_argument("--role", required=True, metavar=_("ROLE"), help=", ".join(role.value for role in Role))
    add.add_argument(
        "--block",
        action="extend",
        nargs="+",
        default=[],
        metavar=_("CODE"),
        help=_("blocks to work for; all of them when neither a block nor an authority is given"),
    )
    add.add_argument("--authority", metavar=_("CODE"), help=_("the body that the person was seconded from"))
    add.add_argument("--display-name", metavar=_("TEXT"), help=_("the name that colleagues see"))
    add.add_argument("--password-stdin", action="store_true", help=_("read the password from standard input"))
    listing = acts.add_parser("list", help=_("list the accounts"))
    for act in (add, listing):
        act.add_argument(
            "--database", required=True, metavar="URL", help=_("path, sqlite:///path, postgresql://…")
        )


def run(arguments: argparse.Namespace) -> int:
    """Add one account, or list all."""
    database = Database(arguments.database)
    try:
        return _add(database, arguments) if arguments.act == "add" else _list(database)
    finally:
        database.close()


def _add(database: Database, arguments: argparse.Namespace) -> int:
    centre = open_centre(database)
    arguments.role = SHORT_ROLES.get(arguments.role, arguments.role)
    _check_names(centre.region, arguments)
    everything = () if arguments.authority else (ALL_BLOCKS,)
    new = NewAccount(
        account=arguments.name,
        name=arguments.display_name or arguments.name,
        role=Role(arguments.role),
        password=_password(arguments.password_stdin),
        blocks=tuple(dict.fromkeys(arguments.block)) or everything,
        authority=arguments.authority,
    )
    with unit_of_work(database, centre.rulebook) as work:
        add_account(work, new)
    sys.stdout.write(json_line({"account": new.account, "role": new.role.value}))
    return 0


def _list(database: Database) -> int:
    open_centre(database)
    with database.reading() as connection:
        accounts = list_accounts(connection)
    for account, name, role, blocks, authority in accounts:
        entry = {
            "account": account,
            "name": name,
            "role": role,
            "blocks": blocks.split(),
            "authority": authority,
        }
        sys.stdout.write(json_line(entry))
    return 0


def _check_names(region: Region, arguments: argparse.Namespace) -> None:
    roles = [rights.role.value for rights in region.roles]
    if arguments.role not in roles:
        raise UsageError(
            _("There is no role «{role}» in this region.").format(role=arguments.role)
            + " "
            + nearest(arguments.role, roles)
        )
    blocks = {GENERAL_BLOCK, ALL_BLOCKS, *(block.code for block in region.blocks)}
    for block in arguments.block:
        if block not in blocks:
            raise UsageError(
                _("There is no block «{block}» in this region.").format(block=block)
                + " "
                + nearest(block, blocks)
            )
    bodies = {body.code for body in region.authorities}
    if arguments.authority is not None and arguments.authority not in bodies:
        raise UsageError(
            _("There is no authority «{authority}» in this region.").format(authority=arguments.authority)
            + " "
            + nearest(arguments.authority, bodies)
        )


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return getpass.getpass(_("Password: "))
