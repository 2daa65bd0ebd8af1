"""One long-lived dbt: `worker.ts` speaks with it in lines of JSON, requests on stdin, answers on fd 3.

    main thread     parse, run, release, one after the other (dbt wants Ctrl-C to arrive here)
    listener        reads stdin; passes acknowledgements on; at its end the process ends
    reader          answers queries over a connection of its own while dbt is running

dbt prints to stdout whatever it is told, so stdout carries nothing. A node waits at its start until
the parent has written that down (`start` → `ack`); nothing is touched before.
"""

import gc

# The imports make some 100 MB of objects that live for ever: collecting among them costs a sixth of the time.
gc.disable()

import json
import os
import queue
import re
import signal
import sys
import threading
import time

from dbt.adapters.contracts.connection import Connection
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner
from dbt.config.runtime import load_profile
from dbt.version import __version__ as DBT_VERSION
from dbt_common.context import set_invocation_context
from dbt_common.events.event_manager import EventManager

EVENTS = 3
AGAIN = 0.2  # seconds between two tries to cancel what runs
TAG = "assets__wanted"
OVERRIDES = (
    "DEFER DEFER_STATE EMPTY EVENT_TIME_END EVENT_TIME_START EXCLUDE_RESOURCE_TYPES FULL_REFRESH "
    "RESOURCE_TYPES SAMPLE SINGLE_THREADED STATE WRITE_JSON"
).split()
FLAGS = [
    "--quiet", "--no-print", "--no-use-colors", "--no-write-json", "--no-send-anonymous-usage-stats",
    "--log-level", "none", "--log-level-file", "none", "--no-fail-fast",
]  # fmt: skip
DISPATCH = re.compile(r"""\bdispatch\(\s*(?:macro_name\s*=\s*)?['"](\w+)['"]""")
HEARD = ("LogStartLine", "NodeFinished")
FAILED = ("error", "fail", "runtime error", "partial success")


class Channel:
    """Writes whole lines to the parent, from any thread."""

    def __init__(self):
        self.lock = threading.Lock()

    def send(self, message):
        data = memoryview(json.dumps(message, default=str, separators=(",", ":")).encode() + b"\n")
        with self.lock:
            while data:
                data = data[os.write(EVENTS, data) :]


class Reader(threading.Thread):
    """Runs the parent's SQL on a connection that none of dbt's threads shares."""

    def __init__(self, channel):
        super().__init__(daemon=True)
        self.channel = channel
        self.queries = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.connection = None

    def run(self):
        while True:
            request = self.queries.get()
            try:
                rows = self.ask(request["sql"])
                self.channel.send({"reply": request["id"], "value": rows})
            except Exception as error:
                self.channel.send({"reply": request["id"], "error": {"message": str(error)}})

    def ask(self, sql):
        with self.lock:
            if self.connection is None:
                self.open(adapter().config.credentials)
            return self.rows(sql)

    def begin(self, credentials, statements):
        with self.lock:
            if self.connection is None:
                self.open(credentials)
            for sql in statements:
                self.rows(sql)

    def open(self, credentials):
        manager = adapter().connections
        fresh = Connection(type=manager.TYPE, name="assets_reader", credentials=credentials)
        self.connection = manager.open(fresh)

    def rows(self, sql):
        cursor = self.connection.handle.cursor()
        cursor.execute(sql)
        return [[plain(value) for value in row] for row in cursor.fetchall()]

    def close(self):
        with self.lock:
            if self.connection is not None:
                self.connection.handle.close()
                self.connection = None


def hush():
    """dbt makes a message of each of its thousands of events, a tenth of a run, where two kinds are heard."""
    fire = EventManager.fire_event

    def fire_event(self, e, level=None, *rest, **more):
        if type(e).__name__ in HEARD or (level or e.level_tag()) in ("warn", "error"):
            fire(self, e, level, *rest, **more)

    EventManager.fire_event = fire_event


def plain(value):
    """JSON has doubles only: an integer that one can't hold goes as text, as do decimals and times."""
    if value is None or isinstance(value, (bool, float, str)):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    return str(value)


def outcome(result, failures):
    return {
        "status": str(result.status),
        "message": result.message,
        "failures": failures,
        "seconds": result.execution_time,
    }


def place(credentials):
    return credentials.type, credentials.database, credentials.schema


def adapter():
    return next(iter(FACTORY.adapters.values()))


class Worker:
    def __init__(self):
        self.channel = Channel()
        self.reader = Reader(self.channel)
        self.requests = queue.SimpleQueue()
        self.acks = {}
        self.running = threading.Event()
        self.settings = None
        self.manifest = None
        self.wanted = set()
        self.failed = []
        self.exceptions = {}

    def main(self):
        gc.freeze()
        gc.enable()
        hush()
        self.reader.start()
        threading.Thread(target=self.listen, daemon=True).start()
        self.channel.send({"event": "ready", "dbt": DBT_VERSION})
        while True:
            self.serve(self.requests.get())

    def listen(self):
        for line in sys.stdin.buffer:
            request = json.loads(line)
            if request["do"] == "query":
                self.reader.queries.put(request)
            elif request["do"] == "cancel":
                threading.Thread(target=self.cancel, daemon=True).start()
            elif request["do"] == "ack":
                waiting = self.acks.get(request["node"])
                if waiting is not None:
                    waiting.put(request["go"])
            else:
                self.requests.put(request)
        # The parent is gone. Anything gentler would wait for dbt and keep the warehouse locked.
        os._exit(0)

    def cancel(self):
        """Ctrl-C for dbt. A statement that begins right after it would not feel it, hence again and again."""
        if self.running.is_set():
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        while self.running.is_set():
            try:
                adapter().cancel_open_connections()
            except Exception:
                pass  # dbt is between two adapters; the next turn finds it settled
            time.sleep(AGAIN)

    def serve(self, request):
        try:
            value = getattr(self, "do_" + request["do"])(request)
            self.channel.send({"reply": request["id"], "value": value})
        except DbtFailed as failed:
            self.channel.send({"reply": request["id"], "error": failed.facts})
        except (Exception, KeyboardInterrupt) as error:
            facts = {"message": str(error), "type": type(error).__name__}
            self.channel.send({"reply": request["id"], "error": facts})

    # -- requests ------------------------------------------------------------------------------

    def do_parse(self, request):
        """Reads the project; with `facts`, tells what is in it. Connects to nothing."""
        self.settings = request["settings"]
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
        return facts(self.manifest, adapter().config) if request["facts"] else None

    def do_run(self, request):
        """Builds and tests exactly `steps`; every node reports by `start` and `finish` events."""
        self.running.set()
        try:
            self.build(request)
        finally:
            self.running.clear()

    def build(self, request):
        os.environ.update(request["env"])
        self.settings["target"] = request["profile"]
        if place(self.credentials()) != place(adapter().config.credentials):
            self.load()
        steps = {step["node"]: step for step in request["steps"]}
        self.expect(steps.values())
        if "scratch" in request:
            self.rebuild(steps, **request["scratch"])
            return
        self.wanted, self.failed, self.exceptions = set(steps), [], {}
        # `build` runs a unit test only in front of its model.
        alone = [
            node
            for node in steps
            if node in self.manifest.unit_tests
            and parents(self.manifest.unit_tests[node])[0] not in steps
        ]
        if alone:
            self.invoke(["test"], alone, steps)
        blocked = self.below_failed()
        for node in steps:
            if node in blocked and node not in alone:
                self.finish(node, {"status": "skipped"})
        rest = [node for node in steps if node not in alone and node not in blocked]
        if rest:
            self.invoke(["build"], rest, steps)

    def rebuild(self, steps, database, prepare):
        """Builds models and seeds in another database under their own schema and name."""
        # With what dbt is about to connect with: other words for the same file would open it twice.
        self.reader.begin(self.credentials(), prepare)
        self.wanted, self.failed, self.exceptions = set(steps), [], {}
        for node in list(steps):
            because = reaches_out(self.find(node))
            if because is not None:
                self.wanted.discard(node)
                self.finish(node, {"status": "refused", "message": because})
        undo = []
        try:
            for name, node in list(self.manifest.nodes.items()):
                if node.resource_type == "operation":  # hooks of the project
                    undo.append((self.manifest.nodes.__setitem__, name, self.manifest.nodes.pop(name)))
                elif name in self.wanted:
                    undo.append((setattr, node, "database", node.database))
                    undo.append((setattr, node, "relation_name", node.relation_name))
                    node.database = database
            if self.wanted:
                self.invoke(["build"], list(self.wanted), steps)
        finally:
            for call, *rest in undo:
                call(*rest)

    def do_release(self, _request):
        """Lets go of the warehouse; the manifest stays."""
        self.reader.close()
        for known in FACTORY.adapters.values():
            known.cleanup_connections()
            close_all = getattr(known.connections, "close_all_connections", None)
            if close_all is not None:
                close_all()
        return None

    # -- dbt -----------------------------------------------------------------------------------

    def arguments(self):
        settings = self.settings
        given = ["--project-dir", settings["project_dir"], "--target-path", settings["target_path"]]
        given += ["--log-path", settings["target_path"]]
        if settings["profiles_dir"] is not None:
            given += ["--profiles-dir", settings["profiles_dir"]]
        if settings["target"] is not None:
            given += ["--target", settings["target"]]
        return given

    def load(self):
        result = dbtRunner().invoke(["parse", *FLAGS, *self.arguments()])
        if not result.success or result.exception is not None:
            raise DbtFailed(result.exception)
        self.manifest = result.result

    def invoke(self, command, nodes, steps):
        """Selects by a tag that only `nodes` carry: naming many nodes is quadratic in dbt."""
        undo = []
        try:
            for node in self.manifest.nodes.values():
                uncompile(node)
            for name in nodes:
                node = self.find(name)
                tags = node.config.tags if name in self.manifest.unit_tests else node.tags
                tags.append(TAG)
                undo.append((tags.remove, TAG))
                if steps[name]["full"] and getattr(node.config, "full_refresh", False) is None:
                    node.config.full_refresh = True
                    undo.append((node.config.__setattr__, "full_refresh", None))
            runner = dbtRunner(manifest=self.manifest, callbacks=[self.heard])
            select = ["--select", "tag:" + TAG, "--indirect-selection", "empty"]
            result = runner.invoke([*command, *FLAGS, *self.arguments(), *select])
        finally:
            for call, *rest in undo:
                call(*rest)
        if result.exception is not None:
            raise DbtFailed(result.exception)
        self.conclude(getattr(result.result, "results", []))

    def credentials(self):
        """The profile as the environment makes it now; dbt itself reads it again in each invocation."""
        settings = self.settings
        set_invocation_context(os.environ)
        return load_profile(settings["project_dir"], {}, None, settings["target"]).credentials

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

    def find(self, name):
        return self.manifest.nodes.get(name) or self.manifest.unit_tests.get(name)

    def heard(self, event):
        """dbt calls this in the thread of the node; `LogStartLine` comes for no node that is skipped."""
        name = event.info.name
        if name == "LogStartLine":
            node = event.data.node_info.unique_id
            if node in self.wanted:
                self.start(node)
        elif name == "NodeFinished":
            node = event.data.node_info.unique_id
            result = event.data.run_result
            # Each batch of a microbatch model ends by its model's name; the model itself at the end.
            if node in self.wanted and not self.is_microbatch(node):
                self.finish(node, outcome(result, result.num_failures))
        elif name == "GenericExceptionOnRun":
            words = event.data.exc.removeprefix("Exception on worker thread. ")
            self.exceptions.setdefault(event.data.unique_id, words)

    def conclude(self, results):
        """What no event told: microbatch models, and hooks of the project that failed."""
        for result in results:
            node = result.node.unique_id
            if node in self.wanted and self.is_microbatch(node):
                told = outcome(result, result.failures)
                if node in self.exceptions:
                    told["message"] = f"{self.exceptions[node]}\n{result.message}"
                self.finish(node, told)
            elif node not in self.wanted and result.status in FAILED:
                self.channel.send({"event": "trouble", "message": result.message})

    def is_microbatch(self, node):
        return self.find(node).config.get("incremental_strategy") == "microbatch"

    def start(self, node):
        waiting = self.acks[node] = queue.SimpleQueue()
        self.channel.send({"event": "start", "node": node})
        go = waiting.get()
        del self.acks[node]
        if not go:
            raise RuntimeError("cancelled")

    def finish(self, name, told):
        node = self.find(name)
        if told["status"] in (*FAILED, "warn"):
            told["compiled"] = getattr(node, "compiled_code", None)
            told["compiled_path"] = getattr(node, "compiled_path", None)
            told["written"] = getattr(node, "build_path", None)
        if told["status"] in FAILED:
            self.failed.append(name)
        elif told["status"] == "skipped":
            told["by"] = self.blocker(node)
        self.channel.send({"event": "finish", "node": name, **told})

    # -- what failures block ---------------------------------------------------------------------

    def above(self, node):
        seen, todo = set(), parents(node)
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(self.manifest.parent_map.get(name, ()))
        return seen

    def blocker(self, node):
        """The first failure above a node: a parent, or a test of what is above it."""
        above = self.above(node)
        for name in self.failed:
            tested = parents(self.find(name))
            if name in above or (self.is_test(name) and above.issuperset(tested)):
                return name
            if name in self.manifest.unit_tests and tested[0] == node.unique_id:
                return name
        return None

    def is_test(self, name):
        return name in self.manifest.unit_tests or self.manifest.nodes[name].resource_type == "test"

    def below_failed(self):
        return {name for name in self.wanted if self.failed and self.blocker(self.find(name))}


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


def parents(node):
    """unique_ids of what it reads; a seed reads nothing and has no such list."""
    return list(getattr(node.depends_on, "nodes", []))


def reaches_out(node):
    """Why building a node elsewhere might still touch something outside; None where it does not."""
    kind = node.config.materialized
    if kind not in ("table", "view", "incremental", "seed"):
        return f"its materialization, {kind}, may write elsewhere"
    if node.config.pre_hook or node.config.post_hook:
        return "its hooks may change more than itself"
    return None


def uncompile(node):
    """dbt takes a node that an earlier invocation compiled as done and leaves its ephemerals out."""
    if getattr(node, "compiled", False):
        node.compiled = False
        node.compiled_code = None
        node.extra_ctes_injected = False
        node.extra_ctes = []
        node._pre_injected_sql = None


# -- what `parse` tells ----------------------------------------------------------------------------


def facts(manifest, config):
    """The manifest as `facts.ts` declares it."""
    projects = config.load_dependencies()
    internal = set(FACTORY.get_adapter_package_names(config.credentials.type))
    packages = {
        name: {
            "root": os.path.relpath(project.project_root, config.project_root),
            "vars": variables(config, project, name),
        }
        for name, project in projects.items()
        if name not in internal
    }
    used = {node.config.materialized for node in manifest.nodes.values()}
    return {
        "dbt": DBT_VERSION,
        "project": config.project_name,
        "packages": packages,
        "paths": sorted({*config.all_source_paths, *config.docs_paths, config.packages_install_path}),
        "env_vars": sorted(manifest.env_vars),
        "materializations": {name: materialization(manifest, config, name) for name in used},
        "nodes": [
            node_facts(node)
            for node in manifest.nodes.values()
            if node.resource_type in ("model", "seed", "snapshot")
        ],
        "tests": [
            test_facts(node)
            for node in manifest.nodes.values()
            if node.resource_type == "test"
        ],
        "unit_tests": [unit_test_facts(test) for test in manifest.unit_tests.values()],
        "sources": [source_facts(source) for source in manifest.sources.values()],
        "readers": [
            reader_facts(reader)
            for kind in ("exposures", "metrics", "semantic_models", "saved_queries")
            for reader in getattr(manifest, kind, {}).values()
        ],
        "macros": [macro_facts(macro, internal) for macro in manifest.macros.values()],
        "disabled": [
            {"name": node.name, "file": node.original_file_path}
            for nodes in manifest.disabled.values()
            for node in nodes
            if node.resource_type in ("model", "seed", "snapshot")
        ],
    }


def variables(config, project, name):
    """What `var()` gives inside a package: the command line, then the root project, then its own."""
    from dbt.context.configured import FQNLookup

    lookup, kind = FQNLookup(name), config.credentials.type
    own = dict(project.vars.vars_for(lookup, kind))
    return {**own, **dict(config.vars.vars_for(lookup, kind)), **config.cli_vars}


def materialization(manifest, config, name):
    macro = manifest.find_materialization_macro_by_name(
        config.project_name, name, config.credentials.type
    )
    return None if macro is None else macro.unique_id


def common(node):
    return {
        "id": node.unique_id,
        "name": node.name,
        "package": node.package_name,
        "file": node.original_file_path,
        "parents": parents(node),
        "asked": asked(node),
    }


def asked(node):
    """What only dbt's selection methods look at."""
    access, patch = getattr(node, "access", None), getattr(node, "patch_path", None)
    return {
        "fqn": node.fqn,
        "patch": None if patch is None else patch.split("://")[-1],
        "tags": list(getattr(node, "tags", None) or getattr(node.config, "tags", None) or []),
        "group": getattr(node, "group", None),
        "access": None if access is None else getattr(access, "value", str(access)),
        "latest_version": getattr(node, "latest_version", None),
    }


def reader_facts(reader):
    """An exposure, metric, semantic model or saved query: no asset, but a name for what it reads."""
    return {
        "id": reader.unique_id,
        "resource": str(reader.resource_type),
        "name": f"{reader.package_name}.{reader.name}",
        "parents": list(reader.depends_on.nodes),
    }


def node_facts(node):
    contract = getattr(node.config, "contract", None)
    return {
        **common(node),
        "resource": str(node.resource_type),
        "schema": node.schema,
        "alias": node.alias,
        "language": str(node.language),
        "version": getattr(node, "version", None),
        "latest": getattr(node, "version", None) == getattr(node, "latest_version", None),
        "config": node.config.to_dict(omit_none=True),
        "columns": [column.to_dict(omit_none=True) for column in node.columns.values()]
        if contract is not None and contract.enforced
        else [],
        "macros": list(getattr(node.depends_on, "macros", [])),
        "code": node.raw_code,
    }


def test_facts(node):
    metadata = getattr(node, "test_metadata", None)
    return {
        **common(node),
        "config": node.config.to_dict(omit_none=True),
        "macros": list(node.depends_on.macros),
        "code": node.raw_code,
        "arguments": None if metadata is None else metadata.to_dict(omit_none=True),
    }


def unit_test_facts(test):
    kept = ("given", "expect", "overrides", "versions")
    return {
        **common(test),
        "definition": {key: value for key, value in test.to_dict().items() if key in kept},
    }


def source_facts(source):
    return {
        "id": source.unique_id,
        "name": f"{source.source_name}.{source.name}",
        "package": source.package_name,
        "source": source.source_name,
        "table": source.name,
        "config": source.config.to_dict(omit_none=True),
        "asked": asked(source),
        "file": source.original_file_path,
        "schema": source.schema,
        "identifier": source.identifier,
    }


def macro_facts(macro, internal):
    built_in = macro.package_name in internal
    return {
        "id": macro.unique_id,
        "name": macro.name,
        "package": macro.package_name,
        "file": macro.original_file_path,
        "macros": list(macro.depends_on.macros),
        "code": None if built_in else macro.macro_sql,
        "dispatched": DISPATCH.findall(macro.macro_sql) if built_in else [],
    }


if __name__ == "__main__":
    Worker().main()
