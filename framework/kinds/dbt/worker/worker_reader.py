"""Runs the parent's queries while dbt is running."""

import queue
import threading

from dbt.adapters.contracts.connection import Connection

from worker_project import adapter


class Reader(threading.Thread):
    """Runs SQL on a connection that dbt's threads do not use."""

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
                rows = self.query(request["sql"])
                self.channel.send({"reply": request["id"], "value": rows})
            except Exception as error:
                details = {"message": str(error), "type": type(error).__name__}
                self.channel.send({"reply": request["id"], "error": details})

    def query(self, sql):
        with self.lock:
            if self.connection is None:
                self.open(adapter().config.credentials)
            return self.rows(sql)

    def prepare(self, credentials, statements):
        """Connects before dbt does, and runs statements that the builds need."""
        with self.lock:
            if self.connection is None:
                self.open(credentials)
            for sql in statements:
                self.rows(sql)

    def open(self, credentials):
        manager = adapter().connections
        connection = Connection(type=manager.TYPE, name="assets_reader", credentials=credentials)
        self.connection = manager.open(connection)

    def rows(self, sql):
        cursor = self.connection.handle.cursor()
        cursor.execute(sql)
        return [[json_value(value) for value in row] for row in cursor.fetchall()]

    def close(self):
        with self.lock:
            if self.connection is not None:
                self.connection.handle.close()
                self.connection = None


def json_value(value):
    """A value as JSON. Decimals, times and integers that a double can't hold become text."""
    if value is None or isinstance(value, (bool, float, str)):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    return str(value)
