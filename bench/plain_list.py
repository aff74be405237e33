"""The reference of the headless program: twenty rows of a plain SQLite file as JSON. Run as a program."""

import argparse
import json
import sqlite3

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("sql")
parser.add_argument("limit", type=int)
args = parser.parse_args()

connection = sqlite3.connect(args.file)
rows = connection.execute(args.sql, (args.limit,))
names = [column[0] for column in rows.description]
print(json.dumps({"items": [dict(zip(names, row, strict=True)) for row in rows]}, ensure_ascii=False))
