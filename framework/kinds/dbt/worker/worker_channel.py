"""The way to the parent: lines of JSON on a file descriptor that nothing of dbt's writes to."""

import json
import os
import queue
import threading

EVENTS = 3


class Channel:
    """Writes whole lines, from any thread; a node's thread waits here for the word to start."""

    def __init__(self):
        self.lock = threading.Lock()
        self.waiting = {}

    def send(self, message):
        data = memoryview(json.dumps(message, default=str, separators=(",", ":")).encode() + b"\n")
        with self.lock:
            while data:
                data = data[os.write(EVENTS, data) :]

    def ask(self, node):
        """Tells that a node would start; returns once the parent has said whether it may."""
        answer = self.waiting[node] = queue.SimpleQueue()
        self.send({"event": "start", "node": node})
        go = answer.get()
        del self.waiting[node]
        return go

    def answer(self, node, go):
        waiting = self.waiting.get(node)
        if waiting is not None:
            waiting.put(go)
