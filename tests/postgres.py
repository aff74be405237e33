"""A PostgreSQL cluster of the tests' own: made in a temporary folder, started, stopped and removed.

Nothing is shared with a cluster that the machine may run: another folder, another socket, no TCP port.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

_DEBIAN = Path("/usr/lib/postgresql")
_serial = count(1)


def find_binary(name: str) -> str | None:
    """The path of one of PostgreSQL's programs; Debian keeps them off the path."""
    found = shutil.which(name)
    if found is None and _DEBIAN.is_dir():
        newest = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
        return str(newest[-1]) if newest else None
    return found


class Cluster:
    """A running cluster. Each test takes a database of its own."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        with psycopg.connect(self.url("postgres")) as connection:
            self._version = connection.info.server_version

    def url(self, database: str) -> str:
        """The address of a database, as ``--database`` takes it."""
        return f"postgresql://postgres@/{database}?host={self._socket}"

    def create(self, template: str = "template1") -> str:
        """Make a database and return its name."""
        name = f"t{os.getpid()}_{next(_serial)}"
        # Copying files is several times faster here than copying through the log, the default since 15.
        copying = " STRATEGY file_copy" if self._version >= 150_000 else ""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}" + copying)
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A cluster for the length of the block. FileNotFoundError when PostgreSQL is not installed."""
    initdb, pg_ctl = find_binary("initdb"), find_binary("pg_ctl")
    if initdb is None or pg_ctl is None:
        raise FileNotFoundError("initdb")
    folder = Path(tempfile.mkdtemp(prefix="cur-pg-", dir="/tmp"))
    try:
        user = _plain_user()
        if user is not None:
            shutil.chown(folder, user.pw_uid, user.pw_gid)
        data = str(folder / "data")
        _run([initdb, "-D", data, "-U", "postgres", "--auth=trust", "--no-locale", "-E", "UTF8", "-N"], user)
        options = (
            f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=200"
        )
        log = str(folder / "log")
        _run([pg_ctl, "-D", data, "-w", "-t", "60", "-l", log, "-o", options, "start"], user)
        try:
            yield Cluster(folder)
        finally:
            _run([pg_ctl, "-D", data, "-w", "-m", "immediate", "stop"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _plain_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; whose it is to be then. None: ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise FileNotFoundError("an unprivileged user")


def _run(command: Sequence[str], user: pwd.struct_passwd | None) -> None:
    as_user = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    done = subprocess.run(  # type: ignore[call-overload]
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **as_user,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name}: {done.stdout.decode(errors='replace')[-2000:]}")
