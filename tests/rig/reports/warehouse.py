"""Writes raw tables to a DuckDB file in the shape of the loader's, and reads the models that dbt built from them."""

from __future__ import annotations

import json
import tempfile
import uuid
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import duckdb

from source import Source

RAW_TYPES = {
    "integer": "bigint", "text": "varchar", "money": "double", "boolean": "boolean", "date": "date",
    "timestamp": "timestamp", "texts": "json",
}
BOOKKEEPING = {
    "_airbyte_raw_id": "uuid", "_airbyte_extracted_at": "timestamptz", "_airbyte_meta": "json",
    "_airbyte_generation_id": "bigint",
}
CDC = {"_ab_cdc_lsn": "double", "_ab_cdc_updated_at": "varchar", "_ab_cdc_deleted_at": "varchar"}
EXTRACTED_AT = datetime(2024, 5, 1, 2, 0, tzinfo=timezone.utc)


def load(source: Source, path: Path) -> None:
    """Replaces the file with one that has the source's 15 tables in schema `raw`."""
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    with duckdb.connect(str(path)) as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute("create schema raw")
        for table, columns in source.columns.items():
            types = {**BOOKKEEPING, **{c: _raw_type(t, source) for c, t in columns.items()}}
            types |= CDC if source.cdc else {}
            listed = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
            db.execute(f'create table raw."{table}" ({listed})')
            rows = [_raw_row(row, None, source) for row in source.rows[table]]
            rows += [_raw_row(row, "2024-05-01T00:00:00Z", source) for row in source.deleted[table]]
            _insert(db, table, types, rows)


def _raw_type(kind: str, source: Source) -> str:
    return "timestamptz" if kind == "timestamp" and source.zoned else RAW_TYPES[kind]


def _raw_row(row: dict, deleted_at: str | None, source: Source) -> list[str | None]:
    meta = json.dumps({"sync_id": 1, "changes": []})
    cdc = ["1", "2024-05-01T00:00:00Z", deleted_at] if source.cdc else []
    return [str(uuid.uuid4()), str(EXTRACTED_AT), meta, "0", *map(_text, row.values()), *cdc]


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case list():
            return json.dumps(value)
        case Decimal():
            return repr(float(value))
        case _:
            return str(value)


def _insert(db: duckdb.DuckDBPyConnection, table: str, types: dict[str, str], rows: list[list]) -> None:
    """Inserts rows from a temporary JSON file. Binding the values of 16,000 rows would take a minute."""
    texts = ", ".join(f"c{i}: 'varchar'" for i in range(len(types)))
    casts = ", ".join(f"c{i}::{kind}" for i, kind in enumerate(types.values()))
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        file.writelines(json.dumps({f"c{i}": text for i, text in enumerate(row)}) + "\n" for row in rows)
        file.flush()
        db.execute(
            f"insert into raw.\"{table}\" select {casts} from read_json('{file.name}', columns = {{{texts}}})"
        )


def read(path: Path, model: str) -> list[dict]:
    """The rows of a model, read in a session with another time zone than dbt's: views must not depend on it."""
    with duckdb.connect(str(path), read_only=True) as db:
        db.execute("set TimeZone = 'Asia/Tokyo'")
        result = db.execute(f'select * from "{model}"')
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]


def columns(path: Path) -> dict[str, dict[str, str]]:
    """The types of all columns outside schema `raw`, by table."""
    with duckdb.connect(str(path), read_only=True) as db:
        found: dict[str, dict[str, str]] = {}
        for table, column, kind in db.execute(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where schema_name = 'main' and not internal"
        ).fetchall():
            found.setdefault(table, {})[column] = kind
        return found
