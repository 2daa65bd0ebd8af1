"""Hands its arguments, folder, variables and file descriptors to one of the fork servers, and ends with the fork."""

import json
import os
import socket
import sys

try:
    os.fstat(3)
except OSError:
    os.open(os.devnull, os.O_RDONLY)  # no channel: the lowest free number is 3

servers = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../servers")
names = sorted(os.listdir(servers))
connection = socket.socket(socket.AF_UNIX)
connection.connect(os.path.join(servers, names[os.getpid() % len(names)], "socket"))
arguments = [each for each in sys.argv[1:] if each != "-I"]
request = {"cwd": os.getcwd(), "env": dict(os.environ), "arguments": arguments}
fds = [0, 1, 2, 3]
socket.send_fds(connection, [b" "], fds)
connection.sendall(json.dumps(request).encode() + b"\n")
for fd in fds:
    os.close(fd)
connection.recv(1)  # returns at the end of the fork, which holds the other end
