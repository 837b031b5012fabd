# Whether exports have the ids and texts of the archive. Arguments: the database, the folder of exports.
import csv
import hashlib
import json
import sqlite3
import sys

import duckdb

database, folder = sys.argv[1:]
csv.field_size_limit(1 << 30)


def total(rows):
    """How many there are, and the sum of their hashes, whatever their order."""
    count, sums = 0, 0
    for key, native_id, text in rows:
        one = f"{key}\0{native_id or ''}\0{text}".encode()
        count, sums = count + 1, sums + int.from_bytes(hashlib.sha256(one).digest()[:16])
    return count, sums % (1 << 128)


def of_duckdb(query):
    found = duckdb.connect().execute(query)
    while rows := found.fetchmany(10_000):
        yield from rows


def of_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield tuple(row[name].removeprefix("'") for name in ("key", "native_id", "text"))


def of_lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            post = json.loads(line)
            yield post["key"], post["native_id"], post["text"]


expected = total(sqlite3.connect(f"file:{database}?mode=ro", uri=True).execute("SELECT key, native_id, text FROM post"))
columns = "SELECT key, native_id, text FROM "
for name, rows in [
    ("parquet by DuckDB", of_duckdb(f"{columns} read_parquet('{folder}/parquet/**/*.parquet', hive_partitioning = true)")),
    ("jsonl by DuckDB", of_duckdb(f"{columns} read_json('{folder}/posts.jsonl', format = 'newline_delimited', columns = {{key: 'VARCHAR', native_id: 'VARCHAR', text: 'VARCHAR'}})")),
    ("csv by Python", of_csv(f"{folder}/posts.csv")),
    ("jsonl by Python", of_lines(f"{folder}/posts.jsonl")),
    ("package by Python", of_csv(f"{folder}/package/data/posts.csv")),
]:
    found = total(rows)
    print(f"{name:<18} {found[0]} posts, {'equal to the archive' if found == expected else 'OTHERS THAN IN THE ARCHIVE'}", flush=True)
    if found != expected:
        sys.exit(1)
