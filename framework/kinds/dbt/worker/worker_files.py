"""The files that dbt-duckdb writes and reads in place of tables. Connects to nothing.

A path is relative to the dbt project, because dbt runs there; a URL stays as it is.
"""

import os
import re

from dbt.context.providers import generate_runtime_model_context

from worker_project import adapter

URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# `'a.csv'`, or the first argument of a function that reads files.
ONE_FILE = re.compile(r"(?:(?:read_\w+|\w+_scan)\s*\(\s*)?'((?:[^']|'')+)'", re.IGNORECASE)
# Whether a text may name a file: file-reads.ts says which.
NAMES = re.compile(r"\b(?:read_\w+|\w+_scan|parquet_\w+|sniff_csv|glob|st_read)\s*\(|\.(?:csv|tsv|parquet|json|jsonl|ndjson|xlsx)\b", re.IGNORECASE)
NO_FILE = re.compile(r"(?:postgres|mysql|sqlite|arrow|pandas)_scan", re.IGNORECASE)


EXTERNAL = "external"


def is_builtin(manifest, node):
    """Whether dbt-duckdb's own macro builds an external model: it writes one file or folder, and a view."""
    config = adapter().config
    macro = manifest.find_materialization_macro_by_name(config.project_name, EXTERNAL, adapter().type())
    return macro is not None and macro.package_name == "dbt_duckdb"


def written_location(node, config, manifest):
    """Where the materialization `external` writes a model, as its macro works it out; "" if that fails."""
    try:
        context = generate_runtime_model_context(node, config, manifest)
        context["execute"] = False  # dbt's macros send no statement to the warehouse then
        settings = context["config"]
        default = context["external_location"](context["this"], settings)
        location = settings.get("location", default=default)
        return in_project(context["render"](str(location)).strip(), config)
    except Exception:
        return ""


def read_location(source, config):
    """The file, pattern or URL that a source with an `external_location` reads; None for any other source."""
    extra = source.config.extra if source.config else {}
    try:
        if "plugin" in source.meta or "plugin" in extra:
            return read_by_plugin(source, config)
        sql = getattr(adapter().Relation.create_from(config, source), "external", None) or ""
    except Exception:
        return None  # dbt reports the mistake when it compiles a reader
    found = ONE_FILE.match(sql.strip())
    if found is None or NO_FILE.match(sql.strip()):
        return None
    return in_project(found.group(1).replace("''", "'"), config)


def read_by_plugin(source, config):
    """Creating the relation of such a source would load its data, so the plugin's template is filled here."""
    from dbt.adapters.duckdb.utils import SourceConfig

    settings = SourceConfig.create_from_source(source)
    template = settings.get("external_location")
    return None if template is None else in_project(template.format_map(settings.as_dict()), config)


def naming(text):
    return text if NAMES.search(text or "") else None


def in_project(location, config):
    if URL.match(location):
        return location
    path = os.path.join(config.project_root, os.path.expanduser(location))
    return os.path.relpath(path, config.project_root)
