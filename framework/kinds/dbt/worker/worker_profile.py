"""The profile of a dbt project: its outputs, and what dbt connects with."""

import os
import re
from argparse import Namespace
from contextlib import contextmanager

from dbt.config.profile import read_profile
from dbt.config.project import load_raw_project
from dbt.config.renderer import ProfileRenderer
from dbt.config.runtime import load_profile
from dbt.flags import get_flags, set_flags, set_from_args
from dbt_common.context import set_invocation_context
from jinja2 import Environment, nodes

SECRET = re.compile(r"(?i)password|passphrase|passcode|secret|token|private_key(?!_path)|access_key|credential")
# A template that names anything else, such as the clock, can give another text in each command.
REPEATABLE = set("dbt_version env_var fromjson fromyaml local_md5 set tojson toyaml var zip".split())
# A shorter value of a variable says nothing: it occurs in other texts too.
SHORTEST = 6
# Of no file's path: memory, a URL, or `key=value` of a database, which may hold a password.
NOT_A_FILE = re.compile(r"^:|^[A-Za-z][\w+.-]+:|\b(?:dbname|host|password|port|user)\s*=")


def outputs_of(settings):
    """The name of the profile, all profiles, and the outputs of this one with their types.

    `default` is the output that dbt takes when none is named; None if it can't be worked out.
    """
    with flags_of(settings):
        renderer = ProfileRenderer(settings["vars"])
        stated = settings["profile"] or os.environ.get("DBT_PROFILE")
        name = stated or renderer.render_value(load_raw_project(settings["project_dir"]).get("profile"))
        found = read_profile(settings["profiles_dir"])
        return described(name, {key: value for key, value in found.items() if key != "config"}, renderer)


def described(name, profiles, renderer):
    profile = profiles.get(name) if isinstance(profiles.get(name), dict) else {}
    outputs = profile.get("outputs") if isinstance(profile.get("outputs"), dict) else {}
    return {
        "profile": name,
        "profiles": [str(key) for key in profiles],
        "outputs": {str(key): type_of(renderer, value) for key, value in outputs.items()},
        "default": os.environ.get("DBT_TARGET") or default_of(renderer, profile),
    }


def connection_of(settings):
    """How dbt connects: the keys of the chosen output without secrets, and the secret ones apart.

    Paths of files are absolute. `repeatable`: whether the same files and variables always give the same.
    """
    with flags_of(settings):
        try:
            profile = load_profile(settings["project_dir"], settings["vars"], settings["profile"], settings["target"])
        except Exception as error:
            raise Exception(without(str(error), secrets_in(rendered(settings)))) from None
        return connection(profile, settings)


def connection(profile, settings):
    found = {key: value for key, value in profile.credentials.to_dict(omit_none=True).items() if value not in ("", [], {})}
    hidden = [value for name, value in os.environ.items() if SECRET.search(name) and len(value) >= SHORTEST]
    secret = {key for key, value in found.items() if SECRET.search(key) or any(one in str(value) for one in hidden)}
    shown = {key: shown_value(key, value) for key, value in found.items() if key not in secret}
    if isinstance(found.get("attach"), list):
        shown["attach"] = [attachment(one, "attach" in secret) for one in found["attach"] if isinstance(one, dict)]
    return {
        "type": profile.credentials.type,
        "keys": {key: value for key, value in shown.items() if value is not None},
        "secrets": {key: absolute(key, found[key]) for key in sorted(secret) if isinstance(found[key], str)},
        "repeatable": is_repeatable(settings),
    }


def attachment(entry, is_hidden):
    """An entry of `attach` without secrets: that it exists, and how it is named, is none.

    `is_hidden`: a secret of the environment is in one of the entries.
    """
    options = entry.get("options") or {}
    names = ("alias", "type") if is_hidden else ("alias", "type", "path", "is_ducklake")
    shown = {name: shown_value(name, entry[name]) for name in names if entry.get(name) is not None}
    if "type" not in shown and "type" in options:
        shown["type"] = str(options["type"])
    needed = [name for name in options if SECRET.search(name) or "encrypt" in name.lower()]
    return {**shown, "secret": True} if entry.get("secret") or needed else shown


@contextmanager
def flags_of(settings):
    """dbt reads flags and the environment from globals, which an invocation sets."""
    before = get_flags()
    set_invocation_context(os.environ)
    set_from_args(Namespace(profiles_dir=settings["profiles_dir"], project_dir=settings["project_dir"]), None)
    try:
        yield
    finally:
        set_flags(before)


def type_of(renderer, output):
    try:
        return str(renderer.render_value(output["type"]))
    except Exception:
        return None  # dbt says why when the output is used


def default_of(renderer, profile):
    try:
        return str(renderer.render_value(profile["target"])) if "target" in profile else "default"
    except Exception:
        return None


def shown_value(key, value):
    """A value without secrets, with absolute paths. None: it may hold a secret."""
    if isinstance(value, dict):
        found = {name: shown_value(name, one) for name, one in value.items() if not SECRET.search(str(name))}
        return {name: one for name, one in found.items() if one is not None}
    if isinstance(value, list):
        return [shown_value(key, one) for one in value]
    if key == "path" and isinstance(value, str) and NOT_A_FILE.search(value):
        return re.split("[?=]", value)[0]
    return absolute(key, value) if isinstance(value, (str, int, float, bool)) else None


def absolute(key, value):
    """dbt takes a path from the folder in which it runs. DuckDB knows the home folder."""
    is_path = key in ("path", "private_key_path") and isinstance(value, str) and not NOT_A_FILE.search(value)
    return os.path.abspath(os.path.expanduser(value)) if is_path and value else value


def raw_output(settings):
    profile = read_profile(settings["profiles_dir"]).get(settings["profile"]) or {}
    return profile.get("target"), (profile.get("outputs") or {}).get(settings["target"]) or {}


def rendered(settings):
    try:
        return ProfileRenderer(settings["vars"]).render_data(raw_output(settings)[1])
    except Exception:
        return raw_output(settings)[1]


def is_repeatable(settings):
    names = set()
    for text in texts_in(raw_output(settings)):
        names |= {name.name for name in Environment().parse(text).find_all(nodes.Name)}
    return names <= REPEATABLE


def texts_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_in(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from texts_in(one)


def secrets_in(value, is_secret=False):
    if isinstance(value, dict):
        for key, one in value.items():
            yield from secrets_in(one, is_secret or bool(SECRET.search(str(key))))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from secrets_in(one, is_secret)
    elif is_secret and value not in (None, ""):
        yield str(value)


def without(text, secrets):
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
