"""Builds databases with dbt and compares every mart and report with the oracle.

    python main.py DBT_PROJECT DATABASE...

A database is the name of one in `databases.py` or a folder of CSV files. Each is answered by one line of JSON on stdout:

    {"database", "differences": [text], "warned": [test], "types": {table: {column: type}}, "figures": {…}}
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import warehouse
from databases import DATABASES
from oracle import Oracle, Row
from source import Source, read_csv

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

SHOWN = 3


def main(project: Path, names: list[str]) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # dbt prints to stdout whatever it is told
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "warehouse.duckdb"
        os.environ["DBT_DUCKDB_PATH"] = str(path)
        for name in names:
            source = DATABASES[name]() if name in DATABASES else read_csv(Path(name))
            warehouse.load(source, path)
            differences, warned = build(project, Path(scratch))
            models = Oracle(source).models
            for model, expected in models.items():
                if not differences or model in warehouse.columns(path):
                    differences += compare(model, expected, warehouse.read(path, model))
            answer = {
                "database": source.name,
                "differences": differences,
                "warned": warned,
                "types": warehouse.columns(path),
                "figures": figures(models),
            }
            print(json.dumps(answer), file=answers, flush=True)


def build(project: Path, scratch: Path) -> tuple[list[str], list[str]]:
    """What went wrong in `dbt build`, and the tests that warned."""
    result = dbtRunner().invoke([
        "build", "--project-dir", str(project), "--profiles-dir", str(project), "--target", "local",
        "--target-path", str(scratch / "target"), "--log-path", str(scratch / "logs"), "--quiet",
    ])
    DuckDBConnectionManager.close_all_connections()
    if result.result is None:
        return [f"dbt: {result.exception}"], []
    wrong, warned = [], []
    for node in result.result:
        match str(node.status):
            case "success" | "pass":
                pass
            case "warn":
                warned.append(node.node.name)
            case status:
                wrong.append(f"{node.node.name}: {status}: {node.message}")
    return wrong, sorted(warned)


def compare(model: str, expected: list[Row], found: list[Row]) -> list[str]:
    """The differences of two sets of rows, the first few of them in words. The order of rows is no part of a table."""
    differences = []
    if len(expected) != len(found):
        differences.append(f"{model}: {len(found)} rows, expected {len(expected)}")
    for want, got in zip(sorted(expected, key=_order), sorted(found, key=_order)):
        if list(want) != list(got):
            return [f"{model}: columns {list(got)}, expected {list(want)}"]
        differences += [
            f"{model}.{column}: {got[column]!r}, expected {want[column]!r}, in {_order(want)}"
            for column in want
            if not equal(want[column], got[column])
        ]
    return differences[:SHOWN]


def _order(row: Row) -> tuple:
    """By the leading columns, which are the grain of every model."""
    return tuple((value is not None, str(value)) for value in list(row.values())[:4])


def equal(want: object, got: object) -> bool:
    """Exact but for days, which are binary floats, and in type too: true is not 1."""
    if isinstance(want, Fraction):
        return isinstance(got, float) and math.isclose(got, want, rel_tol=1e-12)
    return want == got and isinstance(want, bool) == isinstance(got, bool)


def figures(models: dict[str, list[Row]]) -> dict[str, object]:
    """A few totals that a person can check against the source by hand."""
    segments = [row["segment"] for row in models["customer_segments"]]
    return {
        "payments": len(models["fact_payment"]),
        "revenue": str(sum(row["amount"] for row in models["fact_payment"])),
        "months": [str(row["revenue"]) for row in models["revenue_trend"]],
        "countries": {str(row["country"]): str(row["revenue"]) for row in models["country_sales"] if row["rank"] <= 3},
        "segments": {segment: segments.count(segment) for segment in sorted(set(segments))},
        "open_rentals": len(models["open_rentals"]),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
