"""Sends lines of JSON to the parent, on a file descriptor that dbt does not write to."""

import itertools
import json
import os
import queue
import threading

EVENTS_FD = 3


class Channel:
    """Writes whole lines from any thread. A thread of dbt waits here for an acknowledgement."""

    def __init__(self):
        self.lock = threading.Lock()
        self.waiting = {}
        self.writes = itertools.count()

    def send(self, message):
        data = memoryview(json.dumps(message, default=str, separators=(",", ":")).encode() + b"\n")
        with self.lock:
            while data:
                data = data[os.write(EVENTS_FD, data) :]

    def start(self, node):
        """Announces the start of a node, waits, and returns whether the parent allows it."""
        return self.ask(node, {"event": "start", "node": node})

    def write(self, by, relations):
        """Announces a write besides the outputs of the steps, and waits until the parent is ready for it."""
        key = f"write {next(self.writes)}"
        self.ask(key, {"event": "write", "key": key, "by": by, "relations": relations})

    def ask(self, key, message):
        acknowledgement = self.waiting[key] = queue.SimpleQueue()
        self.send(message)
        go = acknowledgement.get()
        del self.waiting[key]
        return go

    def acknowledge(self, key, go):
        waiting = self.waiting.get(key)
        if waiting is not None:
            waiting.put(go)
