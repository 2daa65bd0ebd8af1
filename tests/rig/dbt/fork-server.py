"""A Python process that has run dbt once, and forks a copy of itself for every dbt worker that is asked for.

    fork-server.py FOLDER     imports dbt, runs it in FOLDER/warm, prints "ready" and serves FOLDER/socket
    fork-client.py ARGS...    stands in for an environment's Python: runs a script in a fork

The import of dbt and its first parse take seconds, and a fork takes milliseconds. Every worker is still a
process of its own, with its own environment variables, so nothing of one command reaches the next.
"""

import fcntl
import gc
import json
import os
import runpy
import signal
import socket
import sys
import threading
import traceback

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.parser import models

IDLE_THREADS = 2  # the main thread, and one that DuckDB starts when it is imported
FDS = 4  # stdin, stdout, stderr and the channel of the worker


WARM = {
    "dbt_project.yml": "{name: w, version: 1.0.0, config-version: 2, profile: w}",
    "profiles.yml": "w: {target: local, outputs: {local: {type: duckdb, path: w.duckdb, threads: 2}}}",
    "models/a.sql": "{{ config(materialized='table') }} select 1 as id, {{ m() }} as b, {{ var('v', 1) }} as c",
    "models/b.sql": "{{ config(materialized='view') }} select * from {{ ref('a') }}",
    "models/c.sql": "{{ config(materialized='incremental', unique_key='id') }} select * from {{ ref('b') }}",
    "models/p.py": "def model(dbt, session):\n    return dbt.ref('a')\n",
    "models/s.yml": "models: [{name: a, columns: [{name: id, data_tests: [unique, not_null]}]}]",
    "macros/m.sql": "{% macro m() %}{{ return(adapter.dispatch('m')()) }}{% endmacro %}{% macro default__m() %}1{% endmacro %}",
    "snapshots/h.sql": "{% snapshot h %}{{ config(target_schema='main', strategy='check', unique_key='id', check_cols='all') }}"
    "select * from {{ ref('a') }}{% endsnapshot %}",
    "seeds/s.csv": "id\n1\n",
    "tests/t.sql": "select * from {{ ref('c') }} where id is null",
}  # fmt: skip


def refuse_to_extract(_code):
    raise models.ExtractionError


def warm_up(folder):
    """Runs dbt on a small project, with and without a saved parse: the first runs compile what later ones use."""
    for name, text in WARM.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    flags = ["--quiet", "--no-send-anonymous-usage-stats", "--log-level", "none", "--log-level-file", "none"]
    where = ["--project-dir", folder, "--profiles-dir", folder]
    # The static parser is Rust with threads of its own. A fork would wait for them for ever.
    extract = models.py_extract_from_source
    models.py_extract_from_source = refuse_to_extract
    here = os.getcwd()
    os.chdir(folder)
    for command in ("parse", "build", "build"):
        result = dbtRunner().invoke([command, *flags, *where])
        if not result.success:
            raise Exception(f"the warm-up failed: {result.exception or result.result}")
        with open(os.path.join(folder, "models/a.sql"), "a") as file:
            file.write(" ")
    DuckDBConnectionManager.close_all_connections()
    os.chdir(here)
    models.py_extract_from_source = extract
    threads = len(os.listdir("/proc/self/task"))
    if threads > IDLE_THREADS:
        raise Exception(f"a fork would lose {threads - IDLE_THREADS} threads that dbt left")


def serve(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the forks
    gc.freeze()
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        data, fds, _, _ = socket.recv_fds(connection, 1 << 20, FDS)
        while not data.endswith(b"\n"):
            data += connection.recv(1 << 20)
        if os.fork() == 0:
            listener.close()
            become(json.loads(data), connection, fds)
        connection.close()
        for fd in fds:
            os.close(fd)


def become(request, connection, fds):
    """Turns this fork into the process that was asked for. The open connection tells the client that it lives."""
    connection.detach()
    spare = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FDS) for fd in fds]
    for target, fd in enumerate(spare):
        os.dup2(fd, target)
    for fd in [*fds, *spare]:
        os.close(fd)
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    script, *arguments = request["arguments"]
    sys.argv = [script, *arguments]
    status = 1
    try:
        runpy.run_path(script, run_name="__main__")
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    # The end of stdin ends the server, so that it does not outlive a killed test. `os.read` holds no lock
    # that a fork would inherit.
    warm_up(os.path.join(sys.argv[1], "warm"))
    threading.Thread(target=lambda: (os.read(0, 1), os._exit(0)), daemon=True).start()
    serve(os.path.join(sys.argv[1], "socket"))
