"""Makes the Python environment that dbt runs in: `environment.ts` calls it with a JSON request.

A lock that the system frees when its holder dies keeps two makers apart; what it starts inherits
it, so a pip that outlives its parent still holds it. An environment can't be moved, so it is made
in place and a marker is written last: without the marker it is half made and made anew.
Answers in lines of JSON on stdout: `waiting`, `making`, then `done` or `failed`.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys


def tell(**message):
    print(json.dumps(message), flush=True)


def make(folder, marker, requirements, uv):
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(state="waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole(folder, marker):
            tell(state="making")
            install(folder, requirements, uv, lock.fileno())
            facts = {"python": os.path.realpath(sys.executable), "folder": folder}
            with open(marker + ".tmp", "w") as file:
                json.dump(facts, file)
            os.replace(marker + ".tmp", marker)
    tell(state="done")


def whole(folder, marker):
    """As `isComplete` in environment.ts: made here, and its interpreter is still the one it was made with."""
    try:
        with open(marker) as file:
            facts = json.load(file)
    except (OSError, ValueError):
        return False
    python = os.path.realpath(os.path.join(folder, "bin", "python"))
    return facts == {"python": python, "folder": folder}


def install(folder, requirements, uv, lock):
    shutil.rmtree(folder, ignore_errors=True)
    run("venv", [sys.executable, "-m", "venv", "--without-pip", folder], lock)
    python = os.path.join(folder, "bin", "python")
    with open(requirements) as file:
        locked = "--hash=" in file.read()
    # A locked file names every package, so nothing has to be resolved.
    strict = ["--require-hashes", "--no-deps"] if locked else []
    if uv is not None:
        install = [uv, "pip", "install", "--quiet", "--python", python]
    elif borrowed_pip():
        install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    else:
        run("ensurepip", [python, "-m", "ensurepip"], lock)
        install = [python, "-m", "pip", "install", "--quiet"]
    if uv is None:
        # Python compiles what it imports; compiling all of it takes longer than that.
        install += ["--no-compile", "--no-input", "--disable-pip-version-check"]
    run("install", [*install, *strict, "--requirement", requirements], lock)


def borrowed_pip():
    """Whether this Python has a pip that can install into another one (22.3): it saves making a copy."""
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
        tell(state="failed", stage=stage, output=done.stdout)
        sys.exit(1)


if __name__ == "__main__":
    try:
        make(**json.loads(sys.argv[1]))
    except OSError as error:
        tell(state="failed", stage="files", output=str(error))
        sys.exit(1)
