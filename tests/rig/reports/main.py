"""Builds databases with dbt and compares all marts and reports with the oracle.

    python main.py DBT_PROJECT [DATABASE...]

DATABASE is the name of a database in `databases.py` or a folder of CSV files. Default: all of `databases.py`.
Prints one line of JSON for each:

    {"database", "failed": [node], "warned": [test], "differences": [text],
     "types": {table: {column: type}}, "figures": {...}}

If a node failed, differences and figures are empty, because they would be meaningless.
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
from exact import Row
from oracle import Oracle
from source import Source, read_csv

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

SHOWN = 3


def main(project: Path, names: list[str]) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # dbt prints to stdout even with --quiet; stdout is for the answers only
    with tempfile.TemporaryDirectory() as scratch:
        builder = Builder(project, Path(scratch))
        for name in names:
            source = DATABASES[name]() if name in DATABASES else read_csv(Path(name))
            print(json.dumps(answer(builder, source)), file=answers, flush=True)


def answer(builder: Builder, source: Source) -> dict:
    path = builder.path
    warehouse.load(source, path)
    nodes = builder.build()
    failed = sorted(name for name, status in nodes.items() if status not in ("success", "pass", "warn", "skipped"))
    models = {} if failed else Oracle(source).models
    return {
        "database": source.name,
        "failed": failed,
        "warned": sorted(name for name, status in nodes.items() if status == "warn"),
        "differences": [
            text for model, rows in models.items() for text in compare(model, rows, warehouse.read(path, model))
        ],
        "types": warehouse.columns(path),
        "figures": figures(models) if models else {},
    }


class Builder:
    """Runs `dbt build` on one DuckDB file any number of times. The project is parsed once."""

    def __init__(self, project: Path, scratch: Path) -> None:
        self.path = scratch / "warehouse.duckdb"
        os.environ["DBT_DUCKDB_PATH"] = str(self.path)
        self.options = [
            "--project-dir", str(project), "--profiles-dir", str(project), "--target", "local", "--quiet",
            "--target-path", str(scratch / "target"), "--log-path", str(scratch), "--log-level-file", "none",
            "--no-write-json",
        ]
        self.manifest = self._invoke(dbtRunner(), "parse")

    def build(self) -> dict[str, str]:
        """The status of every model and test, by name."""
        results = self._invoke(dbtRunner(manifest=self.manifest), "build")
        DuckDBConnectionManager.close_all_connections()
        return {node.node.name: str(node.status) for node in results}

    def _invoke(self, runner: dbtRunner, verb: str):
        outcome = runner.invoke([verb, *self.options])
        if outcome.result is None:
            raise RuntimeError(f"dbt {verb} did not start: {outcome.exception}")
        return outcome.result


def compare(model: str, expected: list[Row], found: list[Row]) -> list[str]:
    """Describes the first few differences between two sets of rows. The order of rows does not matter."""
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
    """Sorts by the leading columns, which contain the grain of every model."""
    return tuple((value is not None, str(value)) for value in list(row.values())[:4])


def equal(want: object, got: object) -> bool:
    """Exact equality, except for days, which dbt stores as floats. True is not equal to 1."""
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
    main(Path(sys.argv[1]).resolve(), sys.argv[2:] or list(DATABASES))
