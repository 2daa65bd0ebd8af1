"""Creates a Python environment. `environment.ts` runs it with a JSON request as its argument.

A file lock keeps two processes from creating one environment at the same time. The system releases it
when its holder dies. Child processes inherit it, so a pip that outlives this process still holds it.
An environment can't be moved, so it is created in place and a marker is written last. A folder without
a marker is incomplete and is created again.
Prints lines of JSON to stdout: `waiting`, `creating`, then `done` or `failed`.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys


def report(**message):
    print(json.dumps(message), flush=True)


def create(folder, marker, requirements, uv):
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(state="waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_complete(folder, marker):
            report(state="creating")
            install(folder, requirements, uv, lock.fileno())
            content = {"python": os.path.realpath(sys.executable), "folder": folder}
            with open(marker + ".tmp", "w") as file:
                json.dump(content, file)
            os.replace(marker + ".tmp", marker)
    report(state="done")


def is_complete(folder, marker):
    """Whether the marker names this folder and its interpreter, as `isComplete` in environment.ts."""
    try:
        with open(marker) as file:
            content = json.load(file)
    except (OSError, ValueError):
        return False
    python = os.path.realpath(os.path.join(folder, "bin", "python"))
    return content == {"python": python, "folder": folder}


def install(folder, requirements, uv, lock):
    shutil.rmtree(folder, ignore_errors=True)
    run("venv", [sys.executable, "-m", "venv", "--without-pip", folder], lock)
    python = os.path.join(folder, "bin", "python")
    with open(requirements) as file:
        locked = "--hash=" in file.read()
    # A locked file has every package, so nothing has to be resolved.
    strict = ["--require-hashes", "--no-deps"] if locked else []
    if uv is not None:
        install = [uv, "pip", "install", "--quiet", "--python", python]
    elif own_pip_installs_elsewhere():
        install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    else:
        run("ensurepip", [python, "-m", "ensurepip"], lock)
        install = [python, "-m", "pip", "install", "--quiet"]
    if uv is None:
        # Python compiles modules when they are imported. Compiling all of them now takes longer.
        install += ["--no-compile", "--no-input", "--disable-pip-version-check"]
    run("install", [*install, *strict, "--requirement", requirements], lock)


def own_pip_installs_elsewhere():
    """Whether this Python's pip has `--python` (22.3), so that the environment needs no pip of its own."""
    found = subprocess.run(
        [sys.executable, "-m", "pip", "--version"], capture_output=True, text=True
    )
    words = found.stdout.split()
    if found.returncode != 0 or len(words) < 2:
        return False
    return tuple(int(part) for part in words[1].split(".")[:2] if part.isdigit()) >= (22, 3)


def run(stage, command, lock):
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(lock,),
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        report(state="failed", stage=stage, output=done.stdout)
        sys.exit(1)


if __name__ == "__main__":
    try:
        create(**json.loads(sys.argv[1]))
    except OSError as error:
        report(state="failed", stage="files", output=str(error))
        sys.exit(1)
