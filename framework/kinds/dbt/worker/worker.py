"""A long-lived dbt process. `worker.ts` sends requests as lines of JSON on stdin and reads replies and
events as lines of JSON from file descriptor 3.

    main thread     runs parse, run and release, one at a time; dbt expects Ctrl-C in the main thread
    listener        reads stdin; forwards acknowledgements; exits the process at end of file
    reader          runs queries on a separate connection while dbt is running

stdout is not used, because dbt and its macros print to it. Each node waits at its start until the
parent has journaled it (`start`, then `ack`); nothing is changed before that. A statement that may write to
another relation than its node's waits until the parent has read what was built (`write`, then `ack`).
"""

import gc

# The imports create 100 MB of permanent objects. Collecting garbage meanwhile takes a sixth of the time.
gc.disable()

import json
import os
import queue
import signal
import sys
import threading
import time

import dbt.cli.main  # while bytecode is still written: dbt's is cached, this folder's is not
from dbt.adapters.factory import FACTORY
from dbt.version import __version__ as DBT_VERSION

# An isolated Python (`-I`) does not import from the folder of its script, and must write no bytecode there.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from worker_build import Build, suppress_events
from worker_channel import Channel
from worker_manifest import manifest_facts
from worker_profile import connection_of, outputs_of
from worker_project import DbtFailed, Project, adapter, install_packages
from worker_reader import Reader
from worker_views import view_statements
from worker_words import set_words

sys.dont_write_bytecode = False

CANCEL_INTERVAL = 0.2  # seconds between two attempts to cancel running statements


class Worker:
    """Owns the threads. Each request has a method `do_<name>`."""

    def __init__(self):
        self.channel = Channel()
        self.reader = Reader(self.channel)
        self.requests = queue.SimpleQueue()
        self.running = threading.Event()
        self.project = None

    def main(self):
        gc.freeze()
        gc.enable()
        suppress_events()
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
                self.channel.acknowledge(request["key"], request["go"])
            else:
                self.requests.put(request)
        # The parent is gone. A clean exit would wait for dbt and keep the warehouse locked.
        os._exit(0)

    def cancel(self):
        """Interrupts dbt. Repeated until the run ends, because statements may begin after the signal."""
        if self.running.is_set():
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        while self.running.is_set():
            try:
                adapter().cancel_open_connections()
            except Exception:
                pass  # dbt is replacing its adapter; the next attempt finds the new one
            time.sleep(CANCEL_INTERVAL)

    def serve(self, request):
        try:
            value = getattr(self, "do_" + request["do"])(request)
            self.channel.send({"reply": request["id"], "value": value})
        except DbtFailed as failed:
            self.channel.send({"reply": request["id"], "error": failed.details})
        except (Exception, KeyboardInterrupt) as error:
            details = {"message": str(error), "type": type(error).__name__}
            self.channel.send({"reply": request["id"], "error": details})

    def do_outputs(self, request):
        """The outputs of the project's profile."""
        return outputs_of(request["settings"])

    def do_connection(self, request):
        """How dbt connects with the chosen output. Connects to nothing."""
        return connection_of(request["settings"])

    def do_parse(self, request):
        """Parses the project. Connects to nothing."""
        self.project = Project(request["settings"])

    def do_deps(self, request):
        """Installs the packages of the project."""
        install_packages(request["settings"])

    def do_facts(self, request):
        """Parses the project and returns its manifest facts. Connects to nothing."""
        self.do_parse(request)
        facts = manifest_facts(self.project.manifest, adapter().config, request["settings"])
        return {**facts, "elsewhere": self.project.elsewhere(request["place"])}

    def do_run(self, request):
        """Builds and tests exactly `steps`, in place or in a scratch schema."""
        self.running.set()
        try:
            self.build(request)
        finally:
            self.running.clear()

    def build(self, request):
        os.environ.update(request["env"])
        self.project.use_environment()
        self.project.check_relations(request["steps"])
        build = Build(self.project, self.channel, request["steps"])
        if "scratch" not in request:
            build.in_place()
            return
        scratch = request["scratch"]
        if scratch["prepare"]:
            # With the credentials that dbt will use: another spelling of the path would open the file twice.
            self.reader.prepare(self.project.credentials(), scratch["prepare"])
        build.in_scratch(scratch["database"], scratch["prefix"], scratch["folder"])

    def do_connect(self, request):
        """Takes the environment of a loan, before queries and `set_words`."""
        os.environ.update(request["env"])
        self.project.use_environment()
        self.project.use_current_credentials()

    def do_set_words(self, request):
        """Sets the comments of the relations of `steps` without a build. Returns what failed."""
        self.running.set()
        try:
            self.project.check_relations(request["steps"])
            return set_words(self.project, [step["node"] for step in request["steps"]])
        finally:
            self.running.clear()

    def do_view_statements(self, request):
        """The statements that create the views of `steps`. Sends none of them."""
        self.running.set()
        try:
            self.project.check_relations(request["steps"])
            return view_statements(self.project, [step["node"] for step in request["steps"]])
        finally:
            self.running.clear()

    def do_release(self, _request):
        """Closes all connections to the warehouse; the manifest stays."""
        self.reader.close()
        for each in FACTORY.adapters.values():
            each.cleanup_connections()
            close_all = getattr(each.connections, "close_all_connections", None)
            if close_all is not None:
                close_all()


if __name__ == "__main__":
    Worker().main()
