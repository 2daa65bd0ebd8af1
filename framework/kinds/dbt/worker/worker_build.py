"""One request to build: what was asked for, what dbt tells of it, and what failed so far."""

from dbt.cli.main import dbtRunner
from dbt_common.events.event_manager import EventManager

from worker_nodes import above, is_microbatch, is_test, names, parents, reaches_out, uncompile
from worker_project import DbtFailed

TAG = "assets__wanted"
HEARD = ("LogStartLine", "NodeFinished")
FAILED = ("error", "fail", "runtime error", "partial success")


class Build:
    """Builds and tests exactly `steps`; every node reports by `start` and `finish` events."""

    def __init__(self, project, channel, steps):
        self.project = project
        self.manifest = project.manifest
        self.channel = channel
        self.steps = {step["node"]: step for step in steps}
        self.wanted = set(self.steps)
        self.failed = []
        self.exceptions = {}

    def in_place(self):
        """Where the models belong."""
        unit_tests = self.manifest.unit_tests
        # `build` runs a unit test only in front of its model.
        alone = [
            node
            for node in self.steps
            if node in unit_tests and parents(unit_tests[node])[0] not in self.steps
        ]
        if alone:
            self.invoke("test", alone)
        blocked = self.below_failed()
        for node in self.steps:
            if node in blocked and node not in alone:
                self.finish(node, {"status": "skipped"})
        rest = [node for node in self.steps if node not in alone and node not in blocked]
        if rest:
            self.invoke("build", rest)

    def elsewhere(self, database, prefix):
        """Models and seeds in another database, or in schemas whose names begin so, under their own name."""
        for node in list(self.steps):
            because = reaches_out(self.project.find(node))
            if because is not None:
                self.wanted.discard(node)
                self.finish(node, {"status": "refused", "message": because})
        undo = []
        try:
            for name, node in list(self.manifest.nodes.items()):
                if node.resource_type == "operation":  # hooks of the project
                    undo.append((self.manifest.nodes.__setitem__, name, self.manifest.nodes.pop(name)))
                elif name in self.wanted:
                    for kept in ("database", "schema", "relation_name"):
                        undo.append((setattr, node, kept, getattr(node, kept)))
                    node.database = database or node.database
                    node.schema = prefix + node.schema
            if self.wanted:
                self.invoke("build", list(self.wanted))
            for name in self.wanted:
                if names(self.project.find(name), prefix or database):
                    because = "its SQL names the schema or database that it is built in"
                    self.finish(name, {"status": "refused", "message": because})
        finally:
            for call, *rest in undo:
                call(*rest)

    def invoke(self, command, nodes):
        """Selects by a tag that only `nodes` carry: naming many nodes is quadratic in dbt."""
        undo = []
        try:
            for node in self.manifest.nodes.values():
                uncompile(node)
            for name in nodes:
                node = self.project.find(name)
                tags = node.config.tags if name in self.manifest.unit_tests else node.tags
                tags.append(TAG)
                undo.append((tags.remove, TAG))
                if self.steps[name]["full"] and getattr(node.config, "full_refresh", False) is None:
                    node.config.full_refresh = True
                    undo.append((node.config.__setattr__, "full_refresh", None))
            runner = dbtRunner(manifest=self.manifest, callbacks=[self.heard])
            select = ["--select", "tag:" + TAG, "--indirect-selection", "empty"]
            result = self.project.invoke(command, runner, select)
        finally:
            for call, *rest in undo:
                call(*rest)
        if result.exception is not None:
            raise DbtFailed(result.exception)
        self.conclude(getattr(result.result, "results", []))

    # -- what dbt tells ------------------------------------------------------------------------

    def heard(self, event):
        """dbt calls this in the thread of the node; `LogStartLine` comes for no node that is skipped."""
        name = event.info.name
        if name == "LogStartLine":
            node = event.data.node_info.unique_id
            if node in self.wanted and not self.channel.ask(node):
                raise RuntimeError("cancelled")
        elif name == "NodeFinished":
            node = event.data.node_info.unique_id
            result = event.data.run_result
            # Each batch of a microbatch model ends by its model's name; the model itself at the end.
            if node in self.wanted and not is_microbatch(self.project.find(node)):
                self.finish(node, outcome(result, result.num_failures))
        elif name == "GenericExceptionOnRun":
            words = event.data.exc.removeprefix("Exception on worker thread. ")
            self.exceptions.setdefault(event.data.unique_id, words)

    def conclude(self, results):
        """What no event told: microbatch models, and hooks of the project that failed."""
        for result in results:
            node = result.node.unique_id
            if node in self.wanted and is_microbatch(self.project.find(node)):
                told = outcome(result, result.failures)
                if node in self.exceptions:
                    told["message"] = f"{self.exceptions[node]}\n{result.message}"
                self.finish(node, told)
            elif node not in self.wanted and result.status in FAILED:
                self.channel.send({"event": "trouble", "message": result.message})

    def finish(self, name, told):
        node = self.project.find(name)
        if told["status"] in (*FAILED, "warn"):
            told["compiled"] = getattr(node, "compiled_code", None)
            told["compiled_path"] = getattr(node, "compiled_path", None)
            told["written"] = getattr(node, "build_path", None)
        if told["status"] in FAILED:
            self.failed.append(name)
        elif told["status"] == "skipped":
            told["by"] = self.blocker(node)
        self.channel.send({"event": "finish", "node": name, **told})

    # -- what failures block -------------------------------------------------------------------

    def blocker(self, node):
        """The first failure above a node: a parent, or a test of what is above it."""
        over = above(self.manifest, node)
        for name in self.failed:
            tested = parents(self.project.find(name))
            if name in over or (is_test(self.manifest, name) and over.issuperset(tested)):
                return name
            if name in self.manifest.unit_tests and tested[0] == node.unique_id:
                return name
        return None

    def below_failed(self):
        return {
            name for name in self.wanted if self.failed and self.blocker(self.project.find(name))
        }


def outcome(result, failures):
    return {
        "status": str(result.status),
        "message": result.message,
        "failures": failures,
        "seconds": result.execution_time,
    }


def hush():
    """dbt makes a message of each of its thousands of events, a tenth of a run, where two kinds are heard."""
    fire = EventManager.fire_event

    def fire_event(self, e, level=None, *rest, **more):
        if type(e).__name__ in HEARD or (level or e.level_tag()) in ("warn", "error"):
            fire(self, e, level, *rest, **more)

    EventManager.fire_event = fire_event
