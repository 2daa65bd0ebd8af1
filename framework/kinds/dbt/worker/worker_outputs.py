"""How far the output of a Jinja expression can reach in SQL. Text around it keeps its lexical meaning only
if the output can't begin or end a literal or a comment.

    0   it may hold anything
    1   closed: every quote in it is closed in it, and it begins no comment
    2   it holds no quote and no comment sign
"""

import os
import re

from jinja2 import nodes

LITERAL = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
UNSAFE = re.compile(r"['\"`$\\#]|--|/\*|\*/|//|^[-/]|[-/]$")
JINJA = re.compile(r"\{[{%#]")
SAFE_FILTERS = {"upper", "lower", "trim", "int", "length", "round", "abs", "string", "title"}
LOOP = {"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"}
SILENT = {"log", "print", "exceptions", "store_result", "write"}


def text_level(text):
    """The level of a constant text."""
    if not UNSAFE.search(text):
        return 2
    without = LITERAL.sub("''", text)
    return 1 if not UNSAFE.search(without.replace("''", "x")) else 0


def value_level(value):
    """The level of a value that is known when the project is parsed."""
    if value is None or isinstance(value, bool):
        return 2
    if isinstance(value, (int, float)):
        return 2 if value >= 0 else 0
    if isinstance(value, str):
        return 0 if JINJA.search(value) else text_level(value)
    return 0


class Outputs:
    """The levels of the expressions of one template, or of one macro with arguments of `level`."""

    def __init__(self, macros, variables):
        """`variables`: the values of `var()` by name, for each package that may ask."""
        self.macros = macros
        self.variables = variables
        self.parameters = {}
        self.bindings = {}
        # Names of lists that may get further items: they are used for more than a loop over them.
        self.mutable = set()
        self.open = set()

    def bind(self, tree):
        """Collects what each name in the template can hold."""
        for node in tree.find_all((nodes.Assign, nodes.For)):
            if isinstance(node.target, nodes.Name):
                binding = (node.iter, True) if isinstance(node, nodes.For) else (node.node, False)
                self.bindings.setdefault(node.target.name, []).append(binding)
            else:
                for name in node.target.find_all(nodes.Name):
                    self.bindings.setdefault(name.name, []).append((None, False))
        read_only = [node.iter for node in tree.find_all(nodes.For)]
        read_only += [node.node for node in tree.find_all(nodes.Filter) if node.name in ("join", "length")]
        read_only = {id(node) for node in read_only}
        self.mutable = {
            node.name for node in tree.find_all(nodes.Name) if node.ctx == "load" and id(node) not in read_only
        }
        for node in tree.find_all((nodes.AssignBlock, nodes.CallBlock, nodes.Macro)):
            names = [node.target] if isinstance(node, nodes.AssignBlock) else node.args
            for name in names:
                if getattr(name, "name", None) not in self.parameters:
                    self.bindings.setdefault(getattr(name, "name", ""), []).append((None, False))

    def level(self, node):
        if node is None:
            return 2
        if isinstance(node, nodes.Const):
            return value_level(node.value)
        if isinstance(node, nodes.Name):
            return self.name_level(node)
        if isinstance(node, nodes.CondExpr):
            return min(self.level(node.expr1), self.level(node.expr2))
        if isinstance(node, nodes.Concat):
            return min(map(self.level, node.nodes))
        if isinstance(node, (nodes.Add, nodes.And, nodes.Or)):
            return min(self.level(node.left), self.level(node.right))
        if isinstance(node, (nodes.Test, nodes.Compare, nodes.Not)):
            return 2
        if isinstance(node, nodes.Filter):
            return self.filter_level(node)
        if isinstance(node, (nodes.Getattr, nodes.Getitem)):
            return self.attribute_level(node)
        if isinstance(node, nodes.Call):
            return self.call_level(node)
        return 0

    def name_level(self, node):
        if node.name in self.open:
            return 2
        self.open.add(node.name)
        bound = self.bindings.get(node.name, [])
        levels = [0 if e is None else self.each(e) if repeated else self.level(e) for e, repeated in bound]
        self.open.discard(node.name)
        if node.name in self.parameters:
            levels.append(self.parameters[node.name])
        return min(levels, default=1 if node.name == "this" else 0)

    def each(self, node):
        """The level of the elements of a list."""
        if isinstance(node, (nodes.List, nodes.Tuple)):
            return min(map(self.level, node.items), default=2)
        if isinstance(node, nodes.Call) and named(node.node, "range"):
            return 2
        is_list = isinstance(node, nodes.Name) and node.name in self.bindings and node.name not in self.mutable
        if is_list and node.name not in self.open:
            self.open.add(node.name)
            levels = [0 if repeated or e is None else self.each(e) for e, repeated in self.bindings[node.name]]
            self.open.discard(node.name)
            return min(levels)
        values = self.constants(node)
        if values is None or not all(isinstance(value, list) for value in values):
            return 0
        return min((value_level(one) for value in values for one in value), default=2)

    def filter_level(self, node):
        if node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
            return 0
        if node.name in ("first", "last"):
            return 2 if self.level(node.node) == 2 else 0
        if node.name in SAFE_FILTERS:
            return self.level(node.node)
        if node.name == "join" and len(node.args) <= 1:
            return min([self.each(node.node), *map(self.level, node.args)])
        if node.name == "default":
            return min([self.level(node.node), *map(self.level, node.args)])
        return 0

    def attribute_level(self, node):
        root = node.node
        if isinstance(root, nodes.Name) and (root.name in self.bindings or root.name in self.parameters):
            return 0
        if named(root, "loop"):
            return 2 if getattr(node, "attr", None) in LOOP else 0
        if named(root, "target") or named(root, "this"):
            return 2
        is_relation = isinstance(root, nodes.Call) and any(named(root.node, name) for name in ("ref", "source"))
        return 2 if is_relation else 0

    def call_level(self, node):
        function = node.node
        if isinstance(function, nodes.Name):
            if function.name in self.bindings or function.name in self.parameters:
                return 0
            if function.name in self.macros.own:
                return self.macro_level(function.name, None, node)
            if function.name in ("ref", "source", "function"):
                return 1
            if function.name == "config":
                return 2
            if function.name in SILENT or function.name in ("is_incremental", "range"):
                return 2
            if function.name == "return":
                return min(map(self.level, node.args), default=2)
            values = self.constants(node)
            if values is not None:
                return min(map(value_level, values), default=2)
            return self.macro_level(function.name, None, node)
        if isinstance(function, nodes.Getattr) and isinstance(function.node, nodes.Name):
            if function.node.name in SILENT:
                return 2
            if function.node.name == "adapter":
                return min([1, *map(self.level, node.args)]) if function.attr == "quote" else 0
            return self.macro_level(function.attr, function.node.name, node)
        if isinstance(function, nodes.Call) and function.args and named(getattr(function.node, "node", None), "adapter"):
            name = getattr(function.args[0], "value", None)
            return self.macros.level(str(name).split(".")[-1], None, self.arguments(node), True)
        return 0

    def macro_level(self, name, package, call):
        return self.macros.level(name, package, self.arguments(call), False)

    def arguments(self, call):
        if call.dyn_args is not None or call.dyn_kwargs is not None:
            return 0
        values = [*call.args, *(keyword.value for keyword in call.kwargs)]
        return min(map(self.level, values), default=2)

    def constants(self, node):
        """The values that `var('x')` or `env_var('X')` can have now; None if they are not known."""
        if not isinstance(node, nodes.Call) or not node.args or not isinstance(node.args[0], nodes.Const):
            return None
        name, default = node.args[0].value, node.args[1] if len(node.args) > 1 else None
        if named(node.node, "var"):
            scopes = self.variables
        elif named(node.node, "env_var"):
            scopes = [os.environ]
        else:
            return None
        values = [scope[name] for scope in scopes if name in scope]
        if len(values) == len(scopes):
            return values
        if isinstance(default, nodes.Const):
            return [*values, default.value]
        # Without a value and a default, dbt fails.
        return values if default is None else None


class MacroOutputs:
    """The levels of what macros give. `candidates(name, package, dispatched)` are those that may be called."""

    def __init__(self, parse, candidates, variables, own):
        """`own`: the names of the macros that are no part of dbt."""
        self.own = own
        self.parse = parse
        self.candidates = candidates
        self.variables = variables
        self.known = {}

    def level(self, name, package, arguments, dispatched):
        found = self.candidates(name, package, dispatched)
        return min((self.of(macro, arguments) for macro in found), default=0)

    def of(self, macro, arguments):
        key = (macro.unique_id, arguments)
        if key not in self.known:
            self.known[key] = 0  # a macro that calls itself
            self.known[key] = self.compute(macro, arguments)
        return self.known[key]

    def compute(self, macro, arguments):
        tree = self.parse(macro.macro_sql)
        if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Macro):
            return 0
        body = tree.body[0]
        outputs = Outputs(self, self.variables)
        required = len(body.args) - len(body.defaults)
        for at, argument in enumerate(body.args):
            default = 2 if at < required else outputs.level(body.defaults[at - required])
            outputs.parameters[argument.name] = min(arguments, default)
        outputs.bind(tree)
        return self.body(body.body, outputs)

    def body(self, body, outputs):
        return min((self.statement(node, outputs) for node in body), default=2)

    def statement(self, node, outputs):
        if isinstance(node, nodes.Output):
            return min(
                text_level(part.data) if isinstance(part, nodes.TemplateData) else outputs.level(part)
                for part in node.nodes
            )
        if isinstance(node, nodes.If):
            bodies = [node.body, node.else_, *(branch.body for branch in node.elif_)]
            return min(self.body(body, outputs) for body in bodies)
        if isinstance(node, nodes.For):
            return min(self.body(node.body, outputs), self.body(node.else_, outputs))
        if isinstance(node, nodes.ExprStmt):
            returns = isinstance(node.node, nodes.Call) and named(node.node.node, "return")
            return outputs.level(node.node) if returns else 2
        return 2 if isinstance(node, (nodes.Assign, nodes.Continue, nodes.Break)) else 0


def named(node, name):
    return isinstance(node, nodes.Name) and node.name == name
