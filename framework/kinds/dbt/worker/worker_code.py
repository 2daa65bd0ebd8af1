"""The code of nodes and macros: the parts of the manifest facts from which code versions are made."""

import dataclasses
import hashlib
import json
import os
import re

from worker_files import naming
from dbt.clients.yaml_helper import load_yaml_text
from dbt.version import __version__ as DBT_VERSION

from worker_outputs import MacroOutputs, Outputs
from worker_templates import JINJA, Templates, digest, python_facts

DISPATCHED = re.compile(r"[a-z0-9]+__(.+)")
# Asks whether its own table exists, which the build decides; what it reads besides is in the configuration.
NO_DATA = {"macro.dbt.is_incremental", "macro.dbt.should_full_refresh"}
# What changes with each parse, or when dbt compiles a node.
TRANSIENT = (
    "build_path compiled compiled_code compiled_path created_at deferred extra_ctes extra_ctes_injected "
    "language root_path"
).split()
# Facts of dbt's own macros by their text, kept while the process lives.
BUILT_IN = {}
# Says where the warehouse is and who asks: no part of the code. All other settings count.
CONNECTION = set(
    "account authenticator client_session_keep_alive connect_retries connect_timeout database flights host "
    "insecure_mode keep_open motherduck_token oauth_client_id path platform_detection_timeout_seconds port protocol "
    "proxy_host proxy_port query_tag retries retry_all retry_on_database_errors reuse_connections schema secrets "
    "threads type user warehouse".split()
)
SECRET = re.compile("password|passphrase|secret|token|private_key", re.IGNORECASE)
READS_ENTRY = ("entry", "everything")
REFERENCES = ("refs", "sources", "metrics", "functions")


class Code:
    """`variables` and `roots` are the values of `var()` and the folders of packages; `internal` are those of dbt.

    `own_database` is that of the target.
    """

    def __init__(self, manifest, variables, roots, internal, own_database):
        self.own_database = own_database
        self.manifest = manifest
        self.variables = variables
        self.roots = roots
        self.internal = internal
        self.by_name = {}
        self.dispatched = {}
        for macro in manifest.macros.values():
            self.by_name.setdefault(macro.name, []).append(macro)
            match = DISPATCHED.fullmatch(macro.name)
            if match is not None:
                self.dispatched.setdefault(match[1], []).append(macro)
        packages = {"dbt", *(macro.package_name for macro in manifest.macros.values())}
        self.templates = Templates(self.by_name, packages)
        self.outputs = MacroOutputs(self.templates.parse, self.candidates, list(variables.values()), self.own_names())
        self.reads = []
        self.entries = []
        self.roots_of_reach = set()
        self.strategies = set()

    def own_names(self):
        return {macro.name for macro in self.manifest.macros.values() if macro.package_name not in self.internal}

    def candidates(self, name, package=None, dispatched=False):
        """The macros that a name can mean. A name without a package can mean those of any package."""
        found = (self.dispatched if dispatched else self.by_name).get(name, [])
        if package is None:
            return found
        wanted = self.internal if package == "dbt" else {package}
        return [macro for macro in found if macro.package_name in wanted]

    def of(self, node, arguments=None):
        """The facts of a node, a test or a hook of the project. `arguments` are those of a generic test."""
        config = config_of(node)
        outputs = Outputs(self.outputs, [self.variables.get(node.package_name, {})])
        template = None
        if str(getattr(node, "language", "sql")) == "python":
            template = python_facts(node.raw_code)
            self.reads.append(template["reads"])
        elif node.resource_type != "seed":
            template = self.template(node.raw_code, self.file(node), outputs)
        strings = [*hooks(config), *filter(JINJA.search, texts(config)), *filter(JINJA.search, texts(arguments))]
        facts = {
            "config": config,
            "template": template,
            "strings": [self.template(text, None) for text in dict.fromkeys(strings)],
            "macros": sorted(getattr(node.depends_on, "macros", [])),
            "strategies": strategy_macros(config),
            "references": self.references(node),
            "entry": {},
        }
        self.roots_of_reach.update(facts["macros"])
        self.strategies.update(facts["strategies"])
        self.entries.append((node, facts))
        return facts

    def references(self, node):
        """A digest of what the names in a node mean: the same text can name other nodes, tables and macros."""
        parents = sorted(self.reference(name) for name in getattr(node.depends_on, "nodes", []))
        refs = [] if node.resource_type == "seed" else sorted(self.resolved(node, ref) for ref in node.refs)
        macros = sorted(name for name in getattr(node.depends_on, "macros", []) if self.is_own(name))
        database = self.database(getattr(node, "database", None))
        return digest(as_json([node.package_name, database, parents, refs, macros]))

    def reference(self, name):
        source = self.manifest.sources.get(name)
        place = [] if source is None else [self.database(source.database), source.schema, source.identifier]
        return as_json([name, *place])

    def resolved(self, node, ref):
        """A `ref()` with the node that it means: without a version, that is the latest one."""
        root = self.manifest.metadata.project_name
        found = self.manifest.resolve_ref(node, ref.name, ref.package, ref.version, root, node.package_name)
        return as_json([ref.package, ref.name, ref.version, getattr(found, "unique_id", None)])

    def database(self, name):
        """null for the target's own, whose name may be that of its file."""
        return None if name == self.own_database else name

    def is_own(self, name):
        macro = self.manifest.macros.get(name)
        return macro is not None and macro.package_name not in self.internal

    def template(self, text, file, outputs=None):
        facts = self.templates.facts(text, outputs)
        reads = facts["reads"]
        self.reads.append(reads)
        if reads["wide"] and file is not None:
            before = lines_before(file, text)
            for wide in reads["wide"]:
                wide["line"] += before
        return facts

    def file(self, node):
        return os.path.join(self.roots.get(node.package_name, ""), node.original_file_path)

    def macros(self, materializations):
        """
        The macros of the project and its packages, and those of dbt that can be called by them, by a node or
        by a materialization (unique_ids).
        """
        found, seen = [], set()
        self.roots_of_reach.update(materializations)
        todo = [macro for macro in self.manifest.macros.values() if macro.package_name not in self.internal]
        todo += [self.manifest.macros[name] for name in self.roots_of_reach if name in self.manifest.macros]
        todo += [macro for name in self.strategies for macro in self.candidates(name)]
        for reads in list(self.reads):
            todo += self.named(reads)
        while todo:
            macro = todo.pop()
            if macro.unique_id in seen:
                continue
            seen.add(macro.unique_id)
            facts = self.macro(macro)
            found.append(facts)
            todo += self.named(facts["template"]["reads"])
            todo += [self.manifest.macros[name] for name in facts["macros"] if name in self.manifest.macros]
        return sorted(found, key=lambda macro: macro["id"])

    def named(self, reads):
        for name in reads["macros"]:
            package, _, macro = name.rpartition(".")
            if macro != "*":
                yield from self.candidates(macro, package or None)
        for name, _ in reads["dispatched"]:
            yield from self.candidates(name, None, True)

    def macro(self, macro):
        built_in = macro.package_name in self.internal
        template = self.built_in(macro) if built_in else self.template(macro.macro_sql, self.file(macro))
        return {
            "id": macro.unique_id,
            "name": macro.name,
            "package": macro.package_name,
            "file": macro.original_file_path,
            "macros": sorted(macro.depends_on.macros),
            "built_in": built_in,
            "template": template,
            "naming": None if built_in else naming(macro.macro_sql),
        }

    def built_in(self, macro):
        """What a macro of dbt calls, and whether it asks for data. What else it reads changes no row."""
        if macro.macro_sql not in BUILT_IN:
            facts = self.templates.facts(macro.macro_sql)
            kept = {key: facts["reads"][key] for key in ("macros", "dispatched", "clock", "data")}
            kept["data"] = kept["data"] and macro.unique_id not in NO_DATA
            BUILT_IN[macro.macro_sql] = {**facts, "reads": {**self.templates.facts("")["reads"], **kept}}
        return BUILT_IN[macro.macro_sql]

    def context(self, config, flags):
        """What templates read besides, if one does: dbt's target and flags, the graph, manifest entries."""
        wide = {wide["what"] for reads in self.reads for wide in reads["wide"]}
        composes_names = bool(wide & {"env", "everything"})
        words = self.words() if composes_names else None
        if not composes_names:
            for reads in self.reads:
                reads["strings"], reads["words"] = [], []
        if wide & {*READS_ENTRY} or any(reads["model"] for reads in self.reads):
            for node, facts in self.entries:
                entry = {key: digest(as_json(value)) for key, value in entry_of(node).items()}
                facts["entry"].update(entry)
        named = {name for reads in self.reads for name in reads["flags"]}
        known = {"dbt_version": DBT_VERSION, "project_name": config.project_name}

        def value_of(name):
            # A build has flags that a parse does not have; variables set them.
            variables = [os.environ.get(prefix + name.upper()) for prefix in ("DBT_", "DBT_ENGINE_")]
            return as_json([known.get(name, getattr(flags, name, None)), *variables])

        return {
            "template_env_vars": sorted({"TZ", *(name for reads in self.reads for name in reads["env"])}),
            "env_words": words,
            "settings": settings_of(config),
            "target": {key: digest(as_json(value)) for key, value in config.to_target_dict().items()},
            "flags": {name: value_of(name) for name in sorted(named)},
            "graph": self.graph() if wide & {"graph", "everything"} else None,
        }

    def words(self):
        """The words from which templates may compose the names of variables, those of nodes among them."""
        found = {key: {word for reads in self.reads for word in reads[key]} for key in ("strings", "words")}
        found["strings"].update(node.name for node, _ in self.entries)
        return {key: sorted(words) for key, words in found.items()}

    def graph(self):
        manifest = self.manifest
        kinds = ("nodes", "sources", "exposures", "metrics", "groups", "functions", "semantic_models", "saved_queries")
        members = [member for kind in kinds for member in getattr(manifest, kind, {}).values()]
        return digest(as_json(sorted([member.unique_id, digest(as_json(entry_of(member)))] for member in members)))


def config_of(node):
    """The configuration without empty values of dbt's own keys; other keys as they are, because SQL may read them."""
    config = node.config.to_dict(omit_none=True)
    kept = {key: value for key, value in config.items() if value not in ({}, [])}
    return {**kept, **(getattr(node.config, "_extra", None) or {})}


def strategy_macros(config):
    """Names of the macros that dbt composes from the strategy of a model or a snapshot, or the type of a function."""
    if config.get("materialized") == "function":
        languages = ("sql", "python", "javascript")
        return [f"{config.get('type', 'scalar')}_function_{language}" for language in languages]
    incremental = str(config.get("incremental_strategy") or "default").replace("+", "_")
    names = {"incremental": f"get_incremental_{incremental}_sql"}
    if config.get("strategy"):
        names["snapshot"] = f"snapshot_{str(config['strategy']).split('.')[-1]}_strategy"
    name = names.get(config.get("materialized"))
    return [] if name is None else [name]


def settings_of(config):
    """Digests of the settings that any SQL can notice, by label."""
    found = {f"profile {key}": value for key, value in profile_of(config.credentials).items()}
    flags = project_flags(config.project_root)
    if flags:
        found["flags of the project"] = digest(as_json(flags))
    modules = module_files(config)
    if modules:
        found["profile modules"] = digest(as_json(modules))
    zone = time_zone(config.credentials)
    if zone is not None:
        found["time zone"] = digest(zone)
    return found


def project_flags(root):
    """`flags:` of dbt_project.yml: they switch how dbt's own macros behave."""
    try:
        with open(os.path.join(root, "dbt_project.yml"), encoding="utf-8") as file:
            return (load_yaml_text(file.read()) or {}).get("flags")
    except Exception:
        return None  # dbt reports the mistake


def module_folders(config):
    """Folders with Python code for plugins and Python models, of dbt-duckdb."""
    return [os.path.abspath(path) for path in getattr(config.credentials, "module_paths", None) or []]


def module_files(config):
    found = {}
    for folder in module_folders(config):
        for base, _, names in os.walk(folder):
            for name in names:
                if name.endswith(".py"):
                    with open(os.path.join(base, name), "rb") as file:
                        path = os.path.relpath(os.path.join(base, name), config.project_root)
                        found[path] = hashlib.sha256(file.read()).hexdigest()
    return dict(sorted(found.items()))


def time_zone(credentials):
    """The time zone that DuckDB takes from the machine, unless the profile sets one."""
    if credentials.type != "duckdb":
        return None
    set_keys = {key.lower() for part in ("settings", "config_options") for key in getattr(credentials, part, None) or {}}
    return None if "timezone" in set_keys else os.environ.get("TZ") or os.path.realpath("/etc/localtime")


def profile_of(credentials):
    """Digests of the settings in the profile that SQL can notice, such as a time zone."""
    defaults = {field.name: field.default for field in dataclasses.fields(credentials)}
    settings = without_secrets(credentials.to_dict(omit_none=True))
    return {
        key: digest(as_json(value))
        for key, value in sorted(settings.items())
        if key not in CONNECTION and value not in (None, {}, [], defaults.get(key))
    }


def without_secrets(value):
    if isinstance(value, dict):
        return {key: without_secrets(one) for key, one in value.items() if not SECRET.search(str(key))}
    return [without_secrets(one) for one in value] if isinstance(value, list) else value


def entry_of(member):
    entry = in_order(member.to_dict(omit_none=True))
    return {key: value for key, value in entry.items() if key not in TRANSIENT}


def in_order(entry):
    """A manifest entry with its references sorted: dbt lists what it finds in a template in any order."""
    depends_on = entry.get("depends_on")
    references = {key: sorted(entry[key], key=as_json) for key in REFERENCES if isinstance(entry.get(key), list)}
    if isinstance(depends_on, dict):
        references["depends_on"] = {key: sorted(names, key=as_json) for key, names in depends_on.items()}
    return {**entry, **references}


def hooks(config):
    """The statements of hooks. One without Jinja can name the clock too."""
    return [hook["sql"] for key in ("pre-hook", "post-hook") for hook in config.get(key, []) if "sql" in hook]


def texts(value):
    """Every string in a JSON value."""
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else []
    return [found for each in values for found in texts(each)]


def as_json(value):
    return json.dumps(value, default=str)


def lines_before(file, text):
    """The number of lines of a file before a text in it; 0 if it is not in it."""
    try:
        with open(file, encoding="utf-8", newline="") as handle:
            before, found, _ = handle.read().replace("\r\n", "\n").partition(text.replace("\r\n", "\n"))
    except (OSError, UnicodeDecodeError):
        return 0
    return before.count("\n") if found else 0
