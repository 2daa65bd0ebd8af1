"""Asks dbt itself what expressions select.

    python ask.py DBT_PROJECT < EXPRESSIONS

EXPRESSIONS is a JSON list of texts. Prints one JSON list: for each text the sorted unique_ids that dbt selects, tests
only if they are named themselves (`--indirect-selection empty`), or null if dbt refuses the text.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile

from dbt.cli.main import dbtRunner
from dbt.compilation import Linker
from dbt.graph import Graph, NodeSelector
from dbt.graph.cli import parse_difference
from dbt_common.events.contextvars import task_contextvars


def main(project: str, texts: list[str]) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # dbt prints to stdout even with --quiet
    with tempfile.TemporaryDirectory() as scratch:
        options = [
            "--project-dir", project, "--profiles-dir", project, "--target-path", scratch, "--log-path", scratch,
            "--quiet", "--log-level-file", "none", "--no-write-json",
        ]
        manifest = invoke(dbtRunner(), ["parse", *options])
        # This sets the flags that the classes below read.
        invoke(dbtRunner(manifest=manifest), ["list", "--indirect-selection", "empty", *options])
        linker = Linker()
        linker.link_graph(manifest)
        selector = NodeSelector(Graph(linker.graph), manifest, include_empty_nodes=True)
        with task_contextvars(project_root=project):
            print(json.dumps([ask(selector, text) for text in texts]), file=answers, flush=True)


def invoke(runner: dbtRunner, arguments: list[str]):
    outcome = runner.invoke(arguments)
    if not outcome.success:
        raise RuntimeError(f"dbt {arguments[0]} failed: {outcome.exception}")
    return outcome.result


def ask(selector: NodeSelector, text: str) -> list[str] | None:
    try:
        return sorted(selector.get_selected(parse_difference([text], None), warn_on_no_nodes=False))
    except Exception:  # an invalid value, or a path that Python's glob can't read
        return None


if __name__ == "__main__":
    main(sys.argv[1], json.load(sys.stdin))
