"""The dbt project that the worker has parsed: its settings and its manifest."""

import hashlib
import json
import os
from pathlib import Path

from dbt.adapters.factory import FACTORY
from dbt.cli.main import cli, dbtRunner
from dbt.config.runtime import load_profile
from dbt_common.context import set_invocation_context

from worker_nodes import functions_of, relation_of

OVERRIDES = (
    "DEFER DEFER_STATE EMPTY EVENT_TIME_END EVENT_TIME_START EXCLUDE_RESOURCE_TYPES FULL_REFRESH "
    "RESOURCE_TYPES SAMPLE SINGLE_THREADED STATE WRITE_JSON"
).split()
FLAGS = [
    "--quiet", "--no-print", "--no-use-colors", "--no-write-json", "--no-send-anonymous-usage-stats",
    "--log-level", "none", "--log-level-file", "none", "--no-fail-fast",
]  # fmt: skip
# dbt-core 1.12 can leave the parsing to another program, whose manifest lacks what code versions are made of.
if any("--no-use-v2-parser" in option.secondary_opts for option in cli.commands["parse"].params):
    FLAGS.append("--no-use-v2-parser")


# In dbt's folder for its output. Missing while the saved parse may be of other macros.
MACROS_OF_SAVED_PARSE = "assets_macros"
FROM_NOTHING = "--no-partial-parse"
MACRO_FILES = ("macro", "generic_test")


class DbtFailed(Exception):
    """A whole invocation failed: the project can't be parsed, or the error belongs to no node."""

    def __init__(self, exception):
        super().__init__(str(exception))
        node = getattr(exception, "node", None)
        self.details = {
            "message": str(exception),
            "type": type(exception).__name__,
            "file": getattr(node, "original_file_path", None),
        }


class Project:
    """Parses the project with `settings` from `worker.ts`. Connects to nothing."""

    def __init__(self, settings):
        self.settings = settings
        self.manifest = None
        for name in OVERRIDES:
            os.environ.pop("DBT_" + name, None)
            os.environ.pop("DBT_ENGINE_" + name, None)
        self.load()

    def load(self):
        # dbt does not know of every macro that it ran while it parsed a node, such as one that names a relation.
        # So its saved parse counts only with the same macros.
        mark = Path(self.settings["target_path"], MACROS_OF_SAVED_PARSE)
        saved = mark.read_text() if mark.exists() else None
        mark.unlink(missing_ok=True)
        self.manifest = self.parse(*([] if saved else [FROM_NOTHING]))
        macros = digest_of_macros(self.manifest)
        if saved not in (None, macros):
            self.manifest = self.parse(FROM_NOTHING)
        mark.write_text(macros)

    def parse(self, *arguments):
        result = self.invoke(("parse",), dbtRunner(), arguments)
        if not result.success or result.exception is not None:
            raise DbtFailed(result.exception)
        return result.result

    def invoke(self, command, runner, arguments=()):
        """Runs one dbt command, given by its words, with the common flags."""
        return runner.invoke([*command, *FLAGS, *self.arguments(), *arguments])

    def arguments(self):
        settings = self.settings
        arguments = ["--project-dir", settings["project_dir"], "--target-path", settings["target_path"]]
        arguments += ["--log-path", settings["target_path"], "--profiles-dir", settings["profiles_dir"]]
        arguments += ["--profile", settings["profile"], "--target", settings["target"]]
        if settings["vars"]:
            arguments += ["--vars", json.dumps(settings["vars"])]
        return arguments

    def use_environment(self):
        """Parses again if the current environment leads to another database or schema."""
        if destination(self.credentials()) != destination(adapter().config.credentials):
            self.load()

    def elsewhere(self, place):
        """The first key of the profile's output that differs from `place`, with its value; None if none does."""
        if place is None:
            return None
        before = dict(os.environ)
        try:
            os.environ.update(place["env"])
            found = self.credentials()
        except Exception:
            return None  # a build reports why the output can't be used
        finally:
            os.environ.clear()
            os.environ.update(before)
            set_invocation_context(os.environ)
        folder = self.settings["project_dir"]
        for key, wanted in place["keys"].items():
            value = str(getattr(found, key))
            if not same_setting(key, value, wanted, folder):
                shown = value.split("?")[0]  # a token may follow
                return {"key": key, "value": shown, "wanted": wanted, "is_cut": shown != value}
        return None

    def use_current_credentials(self):
        """Parses again if the adapter was made with other credentials, such as another path. An invocation does not need it."""
        if self.credentials() != adapter().config.credentials:
            self.load()

    def credentials(self):
        """The credentials of the profile with the current environment, as the next invocation will load them."""
        settings = self.settings
        set_invocation_context(os.environ)
        vars, profile = settings["vars"], settings["profile"]
        return load_profile(settings["project_dir"], vars, profile, settings["target"]).credentials

    def find(self, name):
        manifest = self.manifest
        known = (manifest.nodes, manifest.unit_tests, functions_of(manifest), manifest.sources)
        return next((nodes[name] for nodes in known if name in nodes), None)

    def check_relations(self, steps):
        """Raises if a node does not exist, or if dbt would build it at another relation than planned."""
        own = adapter().config.credentials.database
        for step in steps:
            node = self.find(step["node"])
            if node is None:
                raise Exception(f"the dbt project has no {step['node']}")
            relation = relation_of(node, own) if step["relation"] else None
            if relation != step["relation"]:
                raise Exception(
                    f"dbt would build {node.name} as {relation}, but it was planned as "
                    f"{step['relation']}: the target's settings have changed"
                )


def install_packages(settings):
    """Does what `dbt deps` does."""
    arguments = ["--project-dir", settings["project_dir"], "--log-path", settings["target_path"]]
    if settings["vars"]:
        arguments += ["--vars", json.dumps(settings["vars"])]
    result = dbtRunner().invoke(["deps", *FLAGS, *arguments])
    if not result.success or result.exception is not None:
        raise DbtFailed(result.exception or "dbt deps failed")


def digest_of_macros(manifest):
    files = manifest.files.values()
    known = sorted((file.file_id, file.checksum.checksum) for file in files if file.parse_file_type in MACRO_FILES)
    return hashlib.sha256(repr(known).encode()).hexdigest()


def same_setting(key, value, wanted, folder):
    if key == "path":
        return os.path.realpath(os.path.join(folder, os.path.expanduser(value))) == os.path.realpath(wanted)
    return value.lower() == wanted.lower()


def destination(credentials):
    return credentials.type, credentials.database, credentials.schema


def adapter():
    """The adapter that the last parse created, with its configuration and connections."""
    return next(iter(FACTORY.adapters.values()))
