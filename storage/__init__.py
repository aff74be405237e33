"""The workstation's local cache: an encrypted SQLite file, read by plain SQL and written through SQLModel."""
