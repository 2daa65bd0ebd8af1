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
import signal
import sys
import threading
import time

import dbt.cli.main  # all of it, so that its bytecode is kept though ours is not
from dbt.adapters.factory import FACTORY
from dbt.version import __version__ as DBT_VERSION

# An isolated Python (`-I`) does not look beside its script. There it shall write nothing, either.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from worker_build import Build, hush
from worker_channel import Channel
from worker_manifest import facts
from worker_project import DbtFailed, Project, adapter
from worker_reader import Reader

sys.dont_write_bytecode = False

AGAIN = 0.2  # seconds between two tries to cancel what runs


class Worker:
    """The threads, and one method for each request: `do_` and its name."""

    def __init__(self):
        self.channel = Channel()
        self.reader = Reader(self.channel)
        self.requests = queue.SimpleQueue()
        self.running = threading.Event()
        self.project = None

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
                self.channel.answer(request["node"], request["go"])
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
            told = {"message": str(error), "type": type(error).__name__}
            self.channel.send({"reply": request["id"], "error": told})

    def do_parse(self, request):
        """Reads the project; with `facts`, tells what is in it. Connects to nothing."""
        self.project = Project(request["settings"])
        return facts(self.project.manifest, adapter().config) if request["facts"] else None

    def do_run(self, request):
        """Builds and tests exactly `steps`, where they belong or in `scratch`."""
        self.running.set()
        try:
            self.build(request)
        finally:
            self.running.clear()

    def build(self, request):
        os.environ.update(request["env"])
        self.project.aim(request["profile"])
        self.project.expect(request["steps"])
        build = Build(self.project, self.channel, request["steps"])
        if "scratch" not in request:
            build.in_place()
            return
        scratch = request["scratch"]
        if scratch["prepare"]:
            # With what dbt is about to connect with: other words for the same file would open it twice.
            self.reader.begin(self.project.credentials(), scratch["prepare"])
        build.elsewhere(scratch["database"], scratch["prefix"])

    def do_release(self, _request):
        """Lets go of the warehouse; the manifest stays."""
        self.reader.close()
        for known in FACTORY.adapters.values():
            known.cleanup_connections()
            close_all = getattr(known.connections, "close_all_connections", None)
            if close_all is not None:
                close_all()


if __name__ == "__main__":
    Worker().main()
