"""Runs SQL with the DuckDB of this Python: one JSON request a line on stdin, one JSON reply a line on stdout."""

import json
import os
import queue
import signal
import sys
import threading

import duckdb

replies = threading.Lock()


def reply(request, **content):
    line = json.dumps({"id": request["id"], **content})
    with replies:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def json_value(value):
    """A value as JSON. Whatever a double can't hold becomes text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    return str(value)


class Connection(threading.Thread):
    """A connection to a database, whose statements run one after the other."""

    def __init__(self, database):
        super().__init__(daemon=True)
        self.connection = database.cursor()
        try:
            # Otherwise a name in SQL could mean a variable of this program.
            self.connection.execute("set python_enable_replacements = false")
        except duckdb.Error:
            pass  # An older DuckDB has no such setting.
        self.requests = queue.SimpleQueue()
        self.start()

    def run(self):
        while (request := self.requests.get()) is not None:
            try:
                reply(request, rows=self.rows(request["sql"]))
            except Exception as error:
                reply(request, error=str(error))
        self.connection.close()

    def rows(self, sql):
        result = self.connection.execute(sql)
        if result.description is None:
            return []
        return [[json_value(value) for value in row] for row in result.fetchall()]

    def close(self):
        self.requests.put(None)


class Process:
    """Databases and connections, by the numbers that the parent gives them."""

    def __init__(self):
        self.databases = {}
        self.connections = {}

    def open(self, request):
        self.databases[request["database"]] = duckdb.connect(request["path"])

    def connect(self, request):
        database = self.databases[request["database"]]
        self.connections[request["connection"]] = Connection(database)

    def disconnect(self, request):
        connection = self.connections.pop(request["connection"])
        connection.close()
        connection.join()

    def close(self, request):
        self.databases.pop(request["database"]).close()

    def interrupt(self, request):
        connection = self.connections.get(request["connection"])
        if connection is not None:
            connection.connection.interrupt()

    def handle(self, request):
        if request["do"] == "run":
            self.connections[request["connection"]].requests.put(request)
            return
        try:
            getattr(self, request["do"])(request)
            reply(request, rows=[])
        except Exception as error:
            reply(request, error=str(error))


def main():
    # Ctrl-C is the parent's: it interrupts the statements.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = Process()
    for line in sys.stdin:
        process.handle(json.loads(line))
    # The parent is gone. A running statement must not go on.
    os._exit(0)


main()
