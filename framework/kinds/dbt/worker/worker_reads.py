"""What a template can read besides its inputs: `Reads` of worker-manifest.ts.

The names are those of dbt's context (dbt/context/*.py). What can't be traced to a name is reported in
`wide`, so that the code version can count all that it could be.
"""

import re

from jinja2 import nodes

# Gives the same for the same arguments, or follows from facts that a code version has anyway.
PURE = set(
    "_dbt_generic_test_kwargs api caller column compiled_code context_macro_stack cycler database dict diff_of_two_dicts exceptions "
    "execute fromjson fromyaml function joiner kwargs local_md5 log loop namespace post_hooks pre_hooks print "
    "range ref return schema self set set_strict source sql store_raw_result store_result super this tojson "
    "toyaml try_or_compiler_error validation varargs write zip zip_strict".split()
)
CLOCK = {"run_started_at", "invocation_id", "thread_id", "selected_resources", "invocation_args_dict", "sql_now"}
CLOCK_CALLS = {"now", "today", "utcnow", "current_timestamp", "current_timestamp_in_utc"}
DATA = {"load_result", "load_agate_table", "submit_python_job"}
# Methods of the adapter that ask the warehouse nothing.
ADAPTER = {"quote", "quote_as_configured", "quote_seed_column", "type", "convert_type"}
# Also without a question about rows: SEMANTICS 4 compares the columns of every input of a view.
COLUMNS = {"get_columns_in_relation", "get_missing_columns"}
ROOTS = PURE | CLOCK | DATA | {
    "adapter", "adapter_macro", "builtins", "config", "context", "dbt_metadata_envs", "dbt_version", "env",
    "env_var", "flags", "graph", "metric", "model", "modules", "project_name", "render", "target", "var",
}  # fmt: skip
METADATA_ENVS = "DBT_ENV_CUSTOM_ENV_"
SQL_CLOCK = re.compile(
    r"(?<![\w.$])(?:(?:current_timestamp|current_date|current_time|localtimestamp|localtime|sysdate|systimestamp)"
    r"(?![\w$])|(?:now|today|getdate|get_current_timestamp|transaction_timestamp|statement_timestamp|"
    r"clock_timestamp|unix_timestamp|sysdatetime)\s*\()",
    re.IGNORECASE,
)
NOT_SQL = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", re.DOTALL)
WORD = re.compile(r"\w{2,}")
PYTHON_ANY_CONFIG = re.compile(r"\bconfig\w*\b")
# `dbt.config(…)` sets; `dbt.config.get("key")` reads one key.
PYTHON_CONFIG = re.compile(
    r"""\bconfig\b\s*(?:\(|\.\s*(?P<method>get|meta_get)\s*\(\s*(?P<quote>['"])(?P<key>\w+)(?P=quote)\s*[,)])"""
)
PYTHON_ENV = re.compile(r"\b(?:environ|environb|getenv|os\s*\.\s*__dict__|subprocess)\b")
PYTHON_CLOCK = re.compile(r"\b(?:utcnow|now|today|localtime|gmtime)\s*\(|\b(?:time|time_ns)\s*\(\s*\)|\bcurrent_(?:timestamp|date)\b")


class Reads:
    """Collects everything that a template can read besides its inputs."""

    def __init__(self, templates):
        self.templates = templates
        self.locals = set()
        self.found = {key: set() for key in ("vars", "env", "config", "model", "target", "flags", "macros")}
        self.dispatched = set()
        self.strings = set()
        self.words = set()
        self.wide = {}
        self.clock = False
        self.data = False
        self.relations = "none"

    def result(self):
        """The reads as JSON, `Reads` of worker-manifest.ts."""
        return {
            **{key: sorted(names) for key, names in self.found.items()},
            "dispatched": sorted(self.dispatched, key=str),
            "strings": sorted(self.strings),
            "words": sorted(self.words),
            "wide": [{"what": what, "because": because, "line": line} for what, (because, line) in self.wide.items()],
            "clock": self.clock,
            "data": self.data,
            "relations": self.relations,
        }

    def widen(self, what, because, line):
        self.wide.setdefault(what, (because, line))

    # -- the walk ----------------------------------------------------------------------------------

    def visit(self, node, parameters):
        """`parameters` are the names that a macro around this node takes as arguments."""
        if isinstance(node, nodes.Template):
            self.locals = {name.name for name in node.find_all(nodes.Name) if name.ctx == "store"}
            self.locals |= {plain(macro.name) for macro in node.find_all(nodes.Macro)}
            self.visit_children(node, parameters)
        elif isinstance(node, (nodes.Macro, nodes.CallBlock)):
            own = parameters | {argument.name for argument in node.args}
            for child in (*node.defaults, *([node.call] if isinstance(node, nodes.CallBlock) else [])):
                self.visit(child, parameters)
            for child in node.body:
                self.visit(child, own)
        elif isinstance(node, nodes.Output):
            for part in node.nodes:
                if is_relation(part, parameters) and not self.templates.overrides:
                    self.relations = "values" if self.relations == "values" else "plain"
                else:
                    self.visit(part, parameters)
        elif isinstance(node, nodes.Call):
            self.call(node, parameters)
        elif isinstance(node, (nodes.Name, nodes.Getattr, nodes.Getitem)):
            self.value(node, parameters)
        else:
            if isinstance(node, nodes.Const) and isinstance(node.value, str):
                self.strings.update(WORD.findall(node.value))
            elif isinstance(node, nodes.TemplateData):
                self.words.update(WORD.findall(node.data))
            elif isinstance(node, (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
                self.widen("everything", type(node).__name__.lower(), node.lineno)
            self.visit_children(node, parameters)

    def visit_children(self, node, parameters):
        for child in node.iter_child_nodes():
            self.visit(child, parameters)

    def call(self, node, parameters):
        path = path_of(node.node, parameters)
        if path is None:
            self.visit(node.node, parameters)
        else:
            self.name(*path, node, node.lineno)
        for child in (*node.args, *node.kwargs, node.dyn_args, node.dyn_kwargs):
            if child is not None:
                self.visit(child, parameters)

    def value(self, node, parameters):
        path = path_of(node, parameters)
        if path is not None:
            self.name(*path, None, node.lineno)
        elif not isinstance(node, nodes.Name):
            self.clock = self.clock or getattr(node, "attr", None) in CLOCK_CALLS
            self.visit_children(node, parameters)

    # -- names -------------------------------------------------------------------------------------

    def name(self, root, path, call, line):
        """A name with the constant attributes after it; `call` if it is called."""
        if root in ("context", "builtins"):
            return self.context(root, path, call, line)
        if (path or [root])[-1] in CLOCK_CALLS:
            self.clock = True
        if root in ROOTS:
            if root in self.templates.known:  # a macro takes the place of dbt's own name, such as `ref`
                self.found["macros"].add(root)
            return self.root(root, path, call, line)
        if root in self.templates.packages:
            if path:
                self.found["macros"].add(f"{root}.{path[0]}")
            else:
                self.found["macros"].add(f"{root}.*")
        elif root in self.templates.known:
            self.found["macros"].add(root)
        elif root not in self.locals:
            self.widen("everything", root, line)
        return None

    def context(self, root, path, call, line):
        if path == ["get"] and call is not None:
            # The call is that of `get`: what it returns is a value.
            path, call = [first_string(call)], None
        if path and path[0] is not None:
            return self.name(path[0], path[1:], call, line)
        return self.widen("everything", f"{root}[…]", line)

    def root(self, root, path, call, line):
        if root in ("ref", "source", "this"):
            self.relations = "values"
        elif root in CLOCK:
            self.clock = True
        elif root in DATA:
            self.data = True
        elif root == "var":
            called = call is not None and path in ([], ["has_var"])
            self.named("vars", first_string(call) if called else None, "vars", "var(…)", line)
        elif root == "env_var":
            self.named("env", first_string(call) if call and not path else None, "env", "env_var(…)", line)
        elif root == "dbt_metadata_envs":
            self.strings.add(METADATA_ENVS)
            self.widen("env", root, line)
        elif root == "config":
            self.config(path, call, line)
        elif root == "model":
            self.model(path, call, line)
        elif root in ("target", "env", "flags"):
            kind = "flags" if root == "flags" else "target"
            self.named(kind, attribute(path, call), "target" if kind == "target" else "everything", root, line)
        elif root == "adapter":
            self.adapter(path, call, line)
        elif root == "adapter_macro":
            name = first_string(call)
            self.named("macros", name and name.split(".")[-1], "macros", "adapter_macro(…)", line)
            if name is not None:
                self.dispatched.add((name.split(".")[-1], None))
        elif root in ("graph", "metric"):
            self.widen("graph", root, line)
        elif root == "modules":
            if not path:
                self.clock = True
        elif root in ("dbt_version", "project_name"):
            self.found["flags"].add(root)
        elif root == "render":
            self.widen("everything", "render(…)", line)

    def named(self, kind, name, wide, because, line):
        if name is None:
            self.widen(wide, because, line)
        else:
            self.found[kind].add(name)

    def config(self, path, call, line):
        method = path[0] if path else None
        if call is not None and not path:
            return  # `config(…)` sets what the manifest has anyway
        if method in ("persist_relation_docs", "persist_column_docs", "set"):
            return
        if call is not None and method in ("get", "require") and len(path) == 1:
            self.named("config", first_string(call), "entry", f"config.{method}(…)", line)
        elif method in ("meta_get", "meta_require"):
            self.found["config"].add("meta")
        else:
            self.widen("entry", "config", line)

    def model(self, path, call, line):
        if call is not None and path and path[-1] == "get":
            path = [*path[:-1], first_string(call)]
        if not path or path[0] is None:
            self.widen("entry", "model", line)
        elif path[0] != "config":
            self.found["model"].add(path[0])
        elif len(path) == 1 or path[1] is None:
            self.widen("entry", "model.config", line)
        else:
            self.found["config"].add(path[1])

    def adapter(self, path, call, line):
        method = path[0] if path else None
        if method == "dispatch":
            arguments = {keyword.key: keyword.value for keyword in call.kwargs} if call is not None else {}
            name = first_string(call, "macro_name")
            if name is None:
                self.widen("macros", "adapter.dispatch(…)", line)
            else:
                space = call.args[1] if call is not None and len(call.args) > 1 else arguments.get("macro_namespace")
                space = None if space is None else getattr(space, "value", "*")
                *package, name = name.split(".")
                self.dispatched.add((name, package[0] if package else space))
        elif method == "config":
            self.widen("everything", "adapter.config", line)
        elif method is None:
            self.data = True
            self.widen("macros", "adapter", line)
        elif method not in ADAPTER and method not in COLUMNS and method != "behavior":
            self.data = True


def is_relation(node, parameters):
    """`{{ this }}`, or `{{ ref(…) }}` of constants: the text of a relation, and nothing else."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and not node.kwargs:
        constant = all(isinstance(argument, nodes.Const) for argument in node.args)
        return constant and node.node.name in ("ref", "source") and node.node.name not in parameters
    return isinstance(node, nodes.Name) and node.name == "this" and "this" not in parameters


def path_of(node, parameters):
    """A name and the constant attributes after it: `model.config['tags']`. None for anything else."""
    path = []
    while not isinstance(node, nodes.Name):
        if isinstance(node, nodes.Getattr):
            path.append(node.attr)
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            path.append(node.arg.value if isinstance(node.arg.value, str) else None)
        else:
            return None
        node = node.node
    if node.ctx != "load" or node.name in parameters:
        return None
    return node.name, path[::-1]


def attribute(path, call):
    """The key that is read from a dictionary: `target.name`, `target['name']`, `target.get('name')`."""
    if call is not None and path == ["get"]:
        return first_string(call)
    return path[0] if path else None


def first_string(call, keyword=None):
    """The first argument of a call, if it is a constant string."""
    if call is None:
        return None
    first = call.args[0] if call.args else next((k.value for k in call.kwargs if k.key == keyword), None)
    try:
        value = None if first is None else first.as_const()
    except nodes.Impossible:
        return None
    return value if isinstance(value, str) and call.dyn_args is None else None


def plain(macro):
    return macro.removeprefix("dbt_macro__")


def names_clock(texts):
    """Whether SQL names the clock or chance, outside of literals and comments."""
    return SQL_CLOCK.search(NOT_SQL.sub(" ", "\0".join(texts))) is not None


def python_reads(code):
    """What a Python model reads."""
    reads = Reads(None)
    set_or_read = 0
    for match in PYTHON_CONFIG.finditer(code):
        set_or_read += 1
        if match["key"] is not None:
            reads.found["config"].add("meta" if match["method"] == "meta_get" else match["key"])
    if set_or_read < len(PYTHON_ANY_CONFIG.findall(code)):
        reads.widen("entry", "config", line_of(code, PYTHON_ANY_CONFIG))
    if PYTHON_ENV.search(code):
        reads.strings.update(WORD.findall(code))
        reads.widen("env", "os.environ", line_of(code, PYTHON_ENV))
    reads.clock = PYTHON_CLOCK.search(code) is not None
    return reads.result()


def line_of(text, pattern):
    return text.count("\n", 0, pattern.search(text).start()) + 1
