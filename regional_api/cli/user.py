"""``regional-api user``: accounts are added, listed, changed, closed."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cur_tui.domain.profile.profile import Region
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Role
from cur_tui.i18n import _
from cur_tui.printing import json_line
from regional_api.centre import Centre, open_centre
from regional_api.cli import user_acts
from regional_api.cli.arguments import add_database
from regional_api.cli.user_acts import read_password
from regional_api.cli.user_load import read_accounts
from regional_api.cli.words import UsageError, nearest
from regional_api.database.connections import Database
from regional_api.identity.account_changes import Post, change_post
from regional_api.identity.accounts import NewAccount, add_account, list_accounts
from regional_api.identity.callers import ALL_BLOCKS
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
    load = acts.add_parser("load", help=_("add all accounts of a file, with their passwords"))
    load.add_argument("file", metavar=_("FILE"), help=_("a JSON object a line; '-' for standard input"))
    acts.add_parser("list", help=_("list the accounts"))
    password = acts.add_parser("password", help=_("set a new password; all sessions end"))
    for act in (add, password):
        act.add_argument(
            "--password-stdin", action="store_true", help=_("read the password from standard input")
        )
    change = acts.add_parser("change", help=_("change role, blocks, authority, name or single sign-on"))
    closing = acts.add_parser("close", help=_("close an account; all its sessions end at once"))
    reopening = acts.add_parser("reopen", help=_("let a closed account sign in again"))
    unlocking = acts.add_parser("unlock", help=_("let an account sign in at once after failed attempts"))
    sessions = acts.add_parser("sessions", help=_("list the sessions of an account"))
    ending = acts.add_parser("end", help=_("end the sessions of an account, or one of them"))
    for act in (password, change, closing, reopening, unlocking, sessions, ending):
        act.add_argument("name", metavar=_("NAME"), help=_("the account"))
    change.add_argument("--role", metavar=_("ROLE"), help=", ".join(role.value for role in Role))
    change.add_argument(
        "--block", action="extend", nargs="+", metavar=_("CODE"), help=_("blocks to work for from now on")
    )
    change.add_argument("--authority", metavar=_("CODE"), help=_("the body seconded from; '' for none"))
    change.add_argument("--display-name", metavar=_("TEXT"), help=_("the name that colleagues see"))
    change.add_argument(
        "--sso", metavar=_("VALUE"), help=_("what the identity provider calls the person; '' for nothing")
    )
    ending.add_argument("--session", metavar="ID", help=_("only this one"))
    for act in (closing, ending):
        act.add_argument(
            "--wipe", action="store_true", help=_("the devices destroy their data; unsent work stays, sealed")
        )
    unsealing = acts.add_parser("unseal", help=_("show the unsent work that a wiped device has sealed"))
    unsealing.add_argument("file", type=Path, metavar=_("FILE"), help=_("the file from the device"))
    unsealing.add_argument(
        "--files", type=Path, metavar=_("FOLDER"), help=_("write the files that had not been sent there")
    )
    for act in acts.choices.values():
        add_database(act)


def run(arguments: argparse.Namespace) -> int:
    """Do one act."""
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        match arguments.act:
            case "add":
                password = read_password(arguments.password_stdin)
                _add(centre, [_account_of(centre.region, arguments, password)])
            case "load":
                told = list(read_accounts(arguments.file))
                _add(centre, [_account_of(centre.region, one, one.password) for one in told])
            case "list":
                _list(centre)
            case "change":
                _change(centre, arguments)
            case _:
                user_acts.run(centre, arguments)
    finally:
        database.close()
    return 0


def _account_of(region: Region, arguments: argparse.Namespace, password: str) -> NewAccount:
    arguments.role = SHORT_ROLES.get(arguments.role, arguments.role)
    _check_names(region, arguments)
    everything = () if arguments.authority else (ALL_BLOCKS,)
    return NewAccount(
        account=arguments.name,
        name=arguments.display_name or arguments.name,
        role=Role(arguments.role),
        password=password,
        blocks=tuple(dict.fromkeys(arguments.block)) or everything,
        authority=arguments.authority,
    )


def _add(centre: Centre, accounts: Sequence[NewAccount]) -> None:
    """Add all of them or none."""
    with unit_of_work(centre.database, centre.rulebook) as work:
        for new in accounts:
            add_account(work, new)
    for new in accounts:
        sys.stdout.write(json_line({"account": new.account, "role": new.role.value}))


def _change(centre: Centre, arguments: argparse.Namespace) -> None:
    if arguments.role is not None:
        arguments.role = SHORT_ROLES.get(arguments.role, arguments.role)
    _check_names(centre.region, arguments)
    post = Post(
        name=arguments.display_name,
        role=None if arguments.role is None else Role(arguments.role),
        blocks=None if arguments.block is None else tuple(dict.fromkeys(filter(None, arguments.block))),
        authority=arguments.authority,
        sso=arguments.sso,
    )
    change_post(centre, arguments.name, post)
    sys.stdout.write(json_line({"account": arguments.name, "changed": True}))


def _list(centre: Centre) -> None:
    with centre.database.reading() as connection:
        accounts = list_accounts(connection)
    for row in accounts:
        entry = {
            "account": row.account,
            "name": row.name,
            "role": row.role,
            "blocks": row.blocks.split(),
            "authority": row.authority,
            "closed": bool(row.blocked),
            "sso": row.sso,
        }
        sys.stdout.write(json_line(entry))


def _check_names(region: Region, arguments: argparse.Namespace) -> None:
    roles = [rights.role.value for rights in region.roles]
    if arguments.role is not None and arguments.role not in roles:
        raise UsageError(
            _("There is no role «{role}» in this region.").format(role=arguments.role)
            + " "
            + nearest(arguments.role, roles)
        )
    blocks = {GENERAL_BLOCK, ALL_BLOCKS, *(block.code for block in region.blocks)}
    for block in filter(None, arguments.block or ()):
        if block not in blocks:
            raise UsageError(
                _("There is no block «{block}» in this region.").format(block=block)
                + " "
                + nearest(block, blocks)
            )
    bodies = {body.code for body in region.authorities}
    if arguments.authority and arguments.authority not in bodies:
        raise UsageError(
            _("There is no authority «{authority}» in this region.").format(authority=arguments.authority)
            + " "
            + nearest(arguments.authority, bodies)
        )
