"""The regional database: connections, tables, their schema and its life, on SQLite and on PostgreSQL."""
