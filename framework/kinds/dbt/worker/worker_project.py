"""The dbt project that the worker was asked to read: its settings and its manifest."""

import os

from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner
from dbt.config.runtime import load_profile
from dbt_common.context import set_invocation_context

OVERRIDES = (
    "DEFER DEFER_STATE EMPTY EVENT_TIME_END EVENT_TIME_START EXCLUDE_RESOURCE_TYPES FULL_REFRESH "
    "RESOURCE_TYPES SAMPLE SINGLE_THREADED STATE WRITE_JSON"
).split()
FLAGS = [
    "--quiet", "--no-print", "--no-use-colors", "--no-write-json", "--no-send-anonymous-usage-stats",
    "--log-level", "none", "--log-level-file", "none", "--no-fail-fast",
]  # fmt: skip


class DbtFailed(Exception):
    """A whole invocation failed: no node can be blamed, or the project can't be read."""

    def __init__(self, exception):
        super().__init__(str(exception))
        node = getattr(exception, "node", None)
        self.facts = {
            "message": str(exception),
            "type": type(exception).__name__,
            "file": getattr(node, "original_file_path", None),
        }


class Project:
    """`settings` as `worker.ts` sends them. Made, it is read; nothing is connected to."""

    def __init__(self, settings):
        self.settings = settings
        self.manifest = None
        for name in OVERRIDES:
            os.environ.pop("DBT_" + name, None)
            os.environ.pop("DBT_ENGINE_" + name, None)
        try:
            self.load()
        except DbtFailed as failed:
            if "does not have a target named" not in failed.facts["message"]:
                raise
            self.settings["target"] = None
            self.load()

    def load(self):
        result = self.invoke("parse", dbtRunner())
        if not result.success or result.exception is not None:
            raise DbtFailed(result.exception)
        self.manifest = result.result

    def invoke(self, command, runner, arguments=()):
        """One dbt invocation with the flags that all of them share."""
        return runner.invoke([command, *FLAGS, *self.arguments(), *arguments])

    def arguments(self):
        settings = self.settings
        given = ["--project-dir", settings["project_dir"], "--target-path", settings["target_path"]]
        given += ["--log-path", settings["target_path"]]
        if settings["profiles_dir"] is not None:
            given += ["--profiles-dir", settings["profiles_dir"]]
        if settings["target"] is not None:
            given += ["--target", settings["target"]]
        return given

    def aim(self, target):
        """Has dbt connect by this target of the profile; reads all again where that is another place."""
        self.settings["target"] = target
        if place(self.credentials()) != place(adapter().config.credentials):
            self.load()

    def credentials(self):
        """The profile as the environment makes it now; dbt itself reads it again in each invocation."""
        settings = self.settings
        set_invocation_context(os.environ)
        return load_profile(settings["project_dir"], {}, None, settings["target"]).credentials

    def find(self, name):
        return self.manifest.nodes.get(name) or self.manifest.unit_tests.get(name)

    def expect(self, steps):
        """Every node is there, and where the parent thinks that it is."""
        for step in steps:
            node = self.find(step["node"])
            if node is None:
                raise Exception(f"dbt's project has no {step['node']}")
            relation = f"{node.schema}.{node.alias}".lower() if step["relation"] else None
            if relation != step["relation"]:
                raise Exception(
                    f"{node.name} goes to {relation} with this target's settings, and to "
                    f"{step['relation']} with those that it was planned with"
                )


def place(credentials):
    return credentials.type, credentials.database, credentials.schema


def adapter():
    """The one that the last parse made, with its configuration and its connections."""
    return next(iter(FACTORY.adapters.values()))
