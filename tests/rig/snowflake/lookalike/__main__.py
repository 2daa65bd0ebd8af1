"""A Snowflake look-alike on loopback for dbt and snowflake-sdk: fakesnow behind the protocol of both drivers.

    python lookalike PORT       0: any

Prints {"port": N} once it listens. Everything is in memory, and any login is accepted.
"""

import json
import logging
import os
import socket
import sys
import threading

import changes  # noqa: F401  before fakesnow's server
import dialect  # noqa: F401
import uvicorn
from wire import app


def end_with_parent():
    """Ends when stdin closes, so a killed test leaves no process behind."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    # Without it every response waits 40 ms for a delayed acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name in ("fakesnow.server", "sqlglot"):
        logging.getLogger(name).setLevel(logging.ERROR)
    threading.Thread(target=end_with_parent, daemon=True).start()
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    settings = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(settings).run(sockets=[listening])
