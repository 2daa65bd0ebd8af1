"""A DVD-rental database in memory: its tables, and the options in which databases differ."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

# These are the types of the source. `warehouse.py` maps them to the types of raw tables.
TABLES: dict[str, dict[str, str]] = {
    "actor": {"actor_id": "integer", "first_name": "text", "last_name": "text", "last_update": "timestamp"},
    "address": {
        "address_id": "integer", "address": "text", "address2": "text", "district": "text", "city_id": "integer",
        "postal_code": "text", "phone": "text", "last_update": "timestamp",
    },
    "category": {"category_id": "integer", "name": "text", "last_update": "timestamp"},
    "city": {"city_id": "integer", "city": "text", "country_id": "integer", "last_update": "timestamp"},
    "country": {"country_id": "integer", "country": "text", "last_update": "timestamp"},
    "customer": {
        "customer_id": "integer", "store_id": "integer", "first_name": "text", "last_name": "text", "email": "text",
        "address_id": "integer", "activebool": "boolean", "create_date": "date", "last_update": "timestamp",
        "active": "integer",
    },
    "film": {
        "film_id": "integer", "title": "text", "description": "text", "release_year": "integer",
        "language_id": "integer", "rental_duration": "integer", "rental_rate": "money", "length": "integer",
        "replacement_cost": "money", "rating": "text", "last_update": "timestamp", "special_features": "texts",
    },
    "film_actor": {"actor_id": "integer", "film_id": "integer", "last_update": "timestamp"},
    "film_category": {"film_id": "integer", "category_id": "integer", "last_update": "timestamp"},
    "inventory": {"inventory_id": "integer", "film_id": "integer", "store_id": "integer", "last_update": "timestamp"},
    "language": {"language_id": "integer", "name": "text", "last_update": "timestamp"},
    "payment": {
        "payment_id": "integer", "customer_id": "integer", "staff_id": "integer", "rental_id": "integer",
        "amount": "money", "payment_date": "timestamp",
    },
    "rental": {
        "rental_id": "integer", "rental_date": "timestamp", "inventory_id": "integer", "customer_id": "integer",
        "return_date": "timestamp", "staff_id": "integer", "last_update": "timestamp",
    },
    "staff": {
        "staff_id": "integer", "first_name": "text", "last_name": "text", "address_id": "integer", "email": "text",
        "store_id": "integer", "active": "boolean", "username": "text", "last_update": "timestamp",
    },
    "store": {
        "store_id": "integer", "manager_staff_id": "integer", "address_id": "integer", "last_update": "timestamp",
    },
}

# Default values of columns that a test does not set.
COMMON = {"last_update": datetime(2006, 2, 15, 9, 46, 27)}
DEFAULTS: dict[str, dict[str, object]] = {
    "address": {"district": "Mitte", "phone": ""},
    "customer": {"activebool": True, "active": 1, "create_date": date(2006, 2, 14)},
    "film": {
        "release_year": 2006, "rental_duration": 3, "rental_rate": Decimal("4.99"), "length": 90,
        "replacement_cost": Decimal("19.99"), "rating": "G",
    },
    "staff": {"active": True, "username": "u"},
}


@dataclass
class Source:
    """Rows by table. `deleted` holds rows that change data capture marked as deleted; no report may show them."""

    name: str
    zoned: bool = False
    cdc: bool = False
    columns: dict[str, dict[str, str]] = field(default_factory=lambda: {t: dict(c) for t, c in TABLES.items()})
    rows: dict[str, list[dict]] = field(default_factory=lambda: {t: [] for t in TABLES})
    deleted: dict[str, list[dict]] = field(default_factory=lambda: {t: [] for t in TABLES})

    def row(self, table: str, values: dict) -> dict:
        unknown = values.keys() - self.columns[table].keys()
        assert not unknown, f"{table} has no {unknown}"
        given = {**COMMON, **DEFAULTS.get(table, {}), **values}
        return {column: given.get(column) for column in self.columns[table]}

    def add(self, table: str, **values: object) -> None:
        self.rows[table].append(self.row(table, values))

    def add_deleted(self, table: str, **values: object) -> None:
        self.cdc = True
        self.deleted[table].append(self.row(table, values))

    def utc(self, table: str) -> list[dict]:
        """The live rows of a table, with timestamps in UTC without a time zone."""
        return [{column: _utc(value) for column, value in row.items()} for row in self.rows[table]]


def _utc(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    return value


PARSE = {
    "integer": int,
    "text": str,
    "money": Decimal,
    "boolean": lambda text: text == "t",
    "date": date.fromisoformat,
    "timestamp": lambda text: datetime.fromisoformat(_six_digits(text)),
    "texts": lambda text: next(csv.reader([text[1:-1]]), []),
}


def _six_digits(text: str) -> str:
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction:0<6}" if fraction else whole


def read_csv(folder: Path) -> Source:
    """Reads a database from a folder with one `<table>.csv` for each table. An empty field is null."""
    source = Source("original")
    for table, columns in TABLES.items():
        with open(folder / f"{table}.csv", encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                source.add(table, **{c: PARSE[t](line[c]) if line[c] != "" else None for c, t in columns.items()})
    return source
