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
TEMPORARY = Path("/tmp")
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

    def create(self, template: str = "template1", name: str = "") -> str:
        """Make a database and return its name, one that no other has where none is given."""
        name = name or f"t{os.getpid()}_{next(_serial)}"
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
def running_cluster(within: Path = TEMPORARY) -> Iterator[Cluster]:
    """A cluster for the length of the block, with its files in a folder of ``within``.

    FileNotFoundError when PostgreSQL is not installed.
    """
    with cluster_folder(within) as folder:
        make_cluster(folder / "data")
        with started(folder / "data", "-c full_page_writes=off") as cluster:
            yield cluster


@contextmanager
def cluster_folder(within: Path = TEMPORARY) -> Iterator[Path]:
    """A temporary folder of the user that PostgreSQL runs as."""
    folder = Path(tempfile.mkdtemp(prefix="cur-pg-", dir=within))
    try:
        give_to_postgres(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give_to_postgres(folder: Path) -> None:
    """Let the user that PostgreSQL runs as keep its files in ``folder``."""
    user = _plain_user()
    if user is not None:
        shutil.chown(folder, user.pw_uid, user.pw_gid)


def make_cluster(data: Path) -> None:
    """The files of an empty cluster."""
    run("initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "--no-locale", "-E", "UTF8", "-N")


@contextmanager
def started(data: Path, options: str = "", *, leave: str = "immediate") -> Iterator[Cluster]:
    """The cluster in ``data`` while it runs, with its socket in the folder above; how it is stopped."""
    all_options = f"-k {data.parent} -c listen_addresses='' -c fsync=off -c max_connections=200 {options}"
    log = str(data.with_suffix(".log"))
    run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", log, "-o", all_options, "start")
    try:
        yield Cluster(data.parent)
    finally:
        run("pg_ctl", "-D", str(data), "-w", "-m", leave, "stop")


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs. FileNotFoundError when it is not installed."""
    binary = find_binary(program)
    if binary is None:
        raise FileNotFoundError(program)
    _run([binary, *arguments], _plain_user())


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
