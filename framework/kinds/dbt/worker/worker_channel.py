"""Sends lines of JSON to the parent, on a file descriptor that dbt does not write to."""

import json
import os
import queue
import threading

EVENTS_FD = 3


class Channel:
    """Writes whole lines from any thread. A node's thread waits here for its acknowledgement."""

    def __init__(self):
        self.lock = threading.Lock()
        self.waiting = {}

    def send(self, message):
        data = memoryview(json.dumps(message, default=str, separators=(",", ":")).encode() + b"\n")
        with self.lock:
            while data:
                data = data[os.write(EVENTS_FD, data) :]

    def start(self, node):
        """Announces the start of a node, waits, and returns whether the parent allows it."""
        acknowledgement = self.waiting[node] = queue.SimpleQueue()
        self.send({"event": "start", "node": node})
        go = acknowledgement.get()
        del self.waiting[node]
        return go

    def acknowledge(self, node, go):
        waiting = self.waiting.get(node)
        if waiting is not None:
            waiting.put(go)
