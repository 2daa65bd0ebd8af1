"""One build request: its steps, the results that dbt reports, and the failures so far."""

import os

from dbt.cli.main import dbtRunner
from dbt_common.events.contextvars import get_node_info
from dbt_common.events.event_manager import EventManager
from dbt_common.exceptions import DbtRuntimeError

import worker_freshness as freshness
from worker_files import EXTERNAL, URL, is_builtin, written_location
from worker_nodes import (
    ancestors,
    functions_of,
    is_microbatch,
    is_own,
    is_python,
    is_test,
    names_scratch,
    parents,
    uncompile,
    why_not_in_scratch,
)
from worker_order import declared_order, selected
from worker_project import DbtFailed, adapter
from worker_writes import copies_out, is_only_a_write, written_by

NEEDED_EVENTS = ("LogStartLine", "NodeFinished")
WRITES_ELSEWHERE = "its code writes to other relations"
BUILD, TEST = ("build",), ("test",)
FAILED = ("error", "fail", "runtime error", "partial success")


ABRIDGED = 515  # dbt logs the first 512 characters of a statement with many values, and three dots


class Build:
    """
    Builds and tests exactly `steps`. Sends a `start` and a `finish` event for every node, and a `write` event
    before each statement that may write to another relation.
    """

    def __init__(self, project, channel, steps):
        self.project = project
        self.manifest = project.manifest
        self.channel = channel
        self.steps = {step["node"]: step for step in steps}
        self.selected = set(self.steps)
        self.declared = {step["node"]: step["after"] for step in steps}
        self.is_scratch = False
        self.folder = None
        # By unique_id: the name of the file that an external materialization writes.
        self.file_names = {}
        # By node: the texts that may read something for it, and the other relations that it wrote.
        self.texts = {}
        self.elsewhere = {}
        self.failed = []
        self.exceptions = {}

    def in_place(self):
        """Builds models where they belong."""
        unit_tests, sources = self.manifest.unit_tests, self.manifest.sources
        # `dbt build` knows no freshness of sources. As in dbt's jobs, it comes first and holds back what is below.
        aged = [node for node in self.steps if node in sources]
        if aged:
            self.invoke(freshness.COMMAND, aged)
        # `dbt build` runs a unit test only if it also builds its model.
        without_model = [
            node
            for node in self.steps
            if node in unit_tests and parents(unit_tests[node])[0] not in self.steps
        ]
        if without_model:
            self.invoke(TEST, without_model)
        blocked = self.below_failed()
        done = {*aged, *without_model}
        for node in self.steps:
            if node in blocked and node not in done:
                self.finish(node, {"status": "skipped"})
        rest = [node for node in self.steps if node not in done and node not in blocked]
        if rest:
            self.invoke(BUILD, rest)

    def in_scratch(self, database, prefix, folder):
        """
        Builds models and seeds under their own names in another database, or in prefixed schemas. Their files go
        to `folder`; None if the warehouse has none.
        """
        self.is_scratch = True
        self.folder = folder
        for node in list(self.steps):
            reason = why_not_in_scratch(self.project.find(node)) or self.why_files_stay(node)
            if reason is not None:
                self.selected.discard(node)
                self.finish(node, {"status": "refused", "message": reason})
        undo = []
        try:
            for name, node in list(self.manifest.nodes.items()):
                if node.resource_type == "operation":  # hooks of the project
                    undo.append((self.manifest.nodes.__setitem__, name, self.manifest.nodes.pop(name)))
                elif name in self.selected:
                    for field in ("database", "schema", "relation_name"):
                        undo.append((setattr, node, field, getattr(node, field)))
                    node.database = database or node.database
                    node.schema = prefix + node.schema
                    if node.config.materialized == EXTERNAL:
                        undo.append((node.config._extra.clear,))
                        undo.append((node.config._extra.update, dict(node.config._extra)))
                        node.config["location"] = self.scratch_location(node)
            if self.selected:
                self.invoke(BUILD, list(self.selected))
            for name in self.selected:
                if names_scratch(self.project.find(name), prefix or database):
                    reason = "its SQL names the schema or database that it is built in"
                    self.finish(name, {"status": "refused", "message": reason})
        finally:
            for call, *rest in undo:
                call(*rest)

    def why_files_stay(self, name):
        """Why the file of a node can't be written in the scratch folder; None if it can, or if it has none."""
        node = self.project.find(name)
        if node.config.materialized != EXTERNAL:
            return None
        if self.folder is None or not is_builtin(self.manifest, node):
            return f"its materialization, {EXTERNAL}, may write elsewhere"
        if node.config.get("plugin") is not None or node.config.get("glue_register"):
            return "its plugin may write elsewhere"
        location = written_location(node, adapter().config, self.manifest)
        if location == "" or URL.match(location):
            return "its files are at a URL, or at a place that is not known before its build"
        self.file_names[name] = os.path.basename(location)
        return None

    def scratch_location(self, node):
        # The name decides the format. A folder for each model: two may write files of one name.
        folder = os.path.join(self.folder, node.unique_id)
        os.makedirs(folder, exist_ok=True)
        return os.path.join(folder, self.file_names[node.unique_id])

    def invoke(self, command, nodes):
        """Runs a dbt command for `nodes`."""
        undo = []
        try:
            for node in (*self.manifest.nodes.values(), *functions_of(self.manifest).values()):
                uncompile(node)
            for name in nodes:
                node = self.project.find(name)
                if self.steps[name]["full"] and getattr(node.config, "full_refresh", False) is None:
                    node.config.full_refresh = True
                    undo.append((node.config.__setattr__, "full_refresh", None))
            runner = dbtRunner(manifest=self.manifest, callbacks=[self.on_event])
            Events.on_statement = self.on_statement
            with selected(nodes) as arguments, declared_order(self.declared):
                # Freshness has no tests that a selection could bring along.
                alone = [] if command == freshness.COMMAND else ["--indirect-selection", "empty"]
                result = self.project.invoke(command, runner, [*arguments, *alone])
        finally:
            Events.on_statement = None
            for call, *rest in undo:
                call(*rest)
        if result.exception is not None:
            raise DbtFailed(result.exception)
        self.finish_remaining(getattr(result.result, "results", []))

    # -- results from dbt ----------------------------------------------------------------------

    def on_event(self, event):
        """dbt calls this in the thread of the node. A skipped node has no `LogStartLine`."""
        name = event.info.name
        if name == "LogStartLine":
            node = event.data.node_info.unique_id
            if node in self.selected and not self.channel.start(node):
                raise RuntimeError("cancelled")
            self.before_python(node)
        elif name == "NodeFinished":
            node = event.data.node_info.unique_id
            result = event.data.run_result
            # dbt sends this event for each batch of a microbatch model, so `finish_remaining` reports those.
            self.before_python(node)
            if node in self.selected and not self.is_reported_at_end(node):
                self.finish(node, outcome(result, result.num_failures))
        elif name == "GenericExceptionOnRun":
            message = event.data.exc.removeprefix("Exception on worker thread. ")
            self.exceptions.setdefault(event.data.unique_id, message)

    def is_reported_at_end(self, name):
        return name in self.manifest.sources or is_microbatch(self.project.find(name))

    def finish_remaining(self, results):
        """Reports what events don't: microbatch models, the age of sources, and failed hooks of the project."""
        for result in results:
            node = result.node.unique_id
            if node in self.manifest.sources:
                self.finish(node, freshness.result_of(result))
            elif node in self.selected and is_microbatch(self.project.find(node)):
                finished = outcome(result, result.failures)
                if node in self.exceptions:
                    finished["message"] = f"{self.exceptions[node]}\n{result.message}"
                self.finish(node, finished)
            elif node not in self.selected and result.status in FAILED:
                self.channel.send({"event": "hook_failed", "message": result.message})

    def finish(self, name, result):
        """Sends the `finish` event of a node: a `NodeResult` of worker.ts."""
        node = self.project.find(name)
        if self.is_scratch and WRITES_ELSEWHERE in (result.get("message") or ""):
            result = {"status": "refused", "message": WRITES_ELSEWHERE}
        if result["status"] in (*FAILED, "warn"):
            result["compiled"] = getattr(node, "compiled_code", None)
            result["compiled_path"] = getattr(node, "compiled_path", None)
            result["statement_path"] = getattr(node, "build_path", None)
        if result["status"] in FAILED and self.holds_back(node):
            self.failed.append(name)
        elif result["status"] == "skipped":
            result["blocked_by"] = self.blocker(node, self.failed)
        self.channel.send({"event": "finish", "node": name, "unread": self.unread(name), **result})

    # -- writes to other relations -------------------------------------------------------------

    def on_statement(self, sql):
        """Called in the thread that is about to send a statement."""
        by = get_node_info().get("unique_id") or None
        written = written_by(sql)
        if len(sql) == ABRIDGED and sql.endswith("...") and not written:
            written = [None]
        node = by and self.project.find(by)
        if node is not None and node.resource_type != "operation":
            own = adapter().config.credentials.database
            written = [each for each in written if each is None or not is_own(node, each, own)]
        if node is not None and (not written or not is_only_a_write(sql)):
            self.texts.setdefault(by, []).append(sql)
        if self.is_scratch and copies_out(sql, self.folder):
            raise DbtRuntimeError(WRITES_ELSEWHERE)
        if not written:
            return
        if self.is_scratch:
            raise DbtRuntimeError(WRITES_ELSEWHERE)
        names = None if None in written else [".".join(each[-2:]) for each in written]
        self.elsewhere.setdefault(by, []).extend(names or ())
        self.channel.write(by, names)

    def before_python(self, node):
        """A Python model may write anything as long as it runs."""
        if not self.is_scratch and is_python(self.manifest.nodes.get(node)):
            self.channel.write(node, None)

    def unread(self, node):
        """Other relations that a node wrote, and that no statement that makes its rows names."""
        texts = [text.lower() for text in self.texts.pop(node, ())]
        found = self.elsewhere.pop(node, ())
        return [each for each in found if not any(each.split(".")[-1] in text for text in texts)]

    # -- nodes blocked by failures -------------------------------------------------------------

    def holds_back(self, node):
        """Whether the failure of a node blocks what is below: not if a source has no `error_after`."""
        return node.unique_id not in self.manifest.sources or bool(node.freshness.error_after)

    def blocker(self, node, failed):
        """The first of these failures that blocks a node: an ancestor, or a test of its ancestors or its own unit test."""
        above = ancestors(self.manifest, node, self.declared)
        for name in failed:
            tested = parents(self.project.find(name))
            if name in above or (is_test(self.manifest, name) and above.issuperset(tested)):
                return name
            if name in self.manifest.unit_tests and tested[0] == node.unique_id:
                return name
        return None

    def below_failed(self):
        if not self.failed:
            return set()
        found = {name: self.project.find(name) for name in self.selected}
        blocked = {name for name, node in found.items() if self.is_blocked(name, node)}
        # A test of a source reads no rows of what is blocked, unless it also reads a model below.
        tests = {name for name in found if is_test(self.manifest, name)}
        return blocked | {name for name in tests if blocked & ancestors(self.manifest, found[name], self.declared)}

    def is_blocked(self, name, node):
        failed = self.failed
        if is_test(self.manifest, name):
            failed = [each for each in failed if each not in self.manifest.sources]
        return self.blocker(node, failed) is not None


def outcome(result, failures):
    """dbt's result of a node, as fields of a `finish` event."""
    return {
        "status": str(result.status),
        "message": result.message,
        "failures": failures,
        "seconds": result.execution_time,
    }


class Events:
    """What happens to dbt's events."""

    # Called with each statement before it is sent.
    on_statement = None


def suppress_events():
    """Drops events that nothing here uses: formatting all of them takes dbt a tenth of a run."""
    fire = EventManager.fire_event

    def fire_event(self, e, level=None, *rest, **more):
        name = type(e).__name__
        if name == "SQLQuery" and Events.on_statement is not None:
            Events.on_statement(e.sql)
        if name in NEEDED_EVENTS or (level or e.level_tag()) in ("warn", "error"):
            fire(self, e, level, *rest, **more)

    EventManager.fire_event = fire_event
