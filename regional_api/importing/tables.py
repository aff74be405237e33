"""The tables of imports: jobs, the pieces of their files, and the rows that could not be taken."""

from sqlalchemy import Column, LargeBinary, Table
from sqlmodel import Field

from regional_api.database.tables import LARGE, METADATA, ServerTable


class ImportRecord(ServerTable, table=True):
    """One import: its file, how it is to be read, where it stands, what came of it.

    ``runner`` is the process that works on it and ``beat`` when it last said so: another one takes over what
    a process that ended has left. ``header`` names the columns of its rows in quarantine.
    """

    __tablename__ = "import_job"
    id: str = Field(primary_key=True)
    account: str = Field(index=True)
    role: str
    name: str
    size: int = Field(sa_column=Column(LARGE, nullable=False))
    sha256: str
    received: int = Field(sa_column=Column(LARGE, nullable=False))
    state: str = Field(index=True)
    options: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    form: str = ""
    header: bytes | None = Field(sa_column=Column(LargeBinary))
    rows_read: int = 0
    settled: int = 0
    total: int = 0
    report: bytes | None = Field(sa_column=Column(LargeBinary))
    problem: str | None
    params: str | None
    runner: str | None
    beat: int = Field(sa_column=Column(LARGE, nullable=False))
    tries: int = 0
    cancel: int = 0
    at: int = Field(sa_column=Column(LARGE, nullable=False, index=True))


class ImportPiece(ServerTable, table=True):
    """A piece of a file that is to be imported; gone once the import is done."""

    __tablename__ = "import_piece"
    job: str = Field(primary_key=True)
    start: int = Field(sa_column=Column(LARGE, primary_key=True, autoincrement=False))
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class QuarantineRecord(ServerTable, table=True):
    """A row of a file that could not be taken. ``mark`` tells it from all others, so that a file imported
    twice adds nothing; ``key`` is what an appeal of its source would be found again by.

    ``cells`` is emptied when the row has become an appeal, which holds them as evidence.
    """

    __tablename__ = "quarantine"
    n: int | None = Field(default=None, sa_column=Column(LARGE, primary_key=True, autoincrement=True))
    mark: str = Field(unique=True)
    job: str = Field(index=True)
    form: str
    key: str = Field(index=True)
    row: int
    column_name: str
    reason: str
    cells: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: str = Field(index=True)
    number: str = ""
    at: int = Field(sa_column=Column(LARGE, nullable=False))


IMPORT_JOB: Table = METADATA.tables["import_job"]
IMPORT_PIECE: Table = METADATA.tables["import_piece"]
QUARANTINE: Table = METADATA.tables["quarantine"]
