"""Templates with Jinja as the facts of worker-manifest.ts: identity, text in pieces, and what they read."""

import hashlib
import json
import re

from dbt_common.clients.jinja import get_environment
from jinja2 import nodes
from jinja2.exceptions import TemplateError

from worker_reads import Reads, names_clock, python_reads

JINJA = re.compile(r"\{[{%#]")


class Templates:
    """Reads templates of one parsed project. `known` and `packages` are the names of its macros and packages."""

    def __init__(self, known, packages):
        self.environment = get_environment(None, capture_macros=True)
        self.known = known
        self.packages = packages
        # A project may put a macro in the place of dbt's `ref` and `source`.
        self.overrides = {"ref", "source", "this"} & set(known)

    def parse(self, text):
        """The syntax tree; None for a text that Jinja can't parse."""
        try:
            return self.environment.parse(text)
        except TemplateError:
            return None

    def facts(self, text, outputs=None):
        """The facts of one template. With `outputs` also its text in pieces."""
        if not JINJA.search(text):
            reads = Reads(self).result()
            reads["clock"] = names_clock([text])
            return {"exact": digest(text), "pieces": [text] if outputs else None, "reads": reads}
        tree = self.parse(text)
        if tree is None:
            reads = Reads(self)
            reads.widen("everything", "Jinja that can't be parsed", 1)
            return {"exact": digest(text), "pieces": None, "reads": reads.result()}
        reads = Reads(self)
        reads.visit(tree, frozenset())
        result = reads.result()
        result["clock"] = reads.clock or names_clock(node.data for node in tree.find_all(nodes.TemplateData))
        pieces = None if outputs is None else Pieces(outputs).of(tree)
        return {"exact": digest(dump(tree)), "pieces": pieces, "reads": result}


def python_facts(code):
    """The facts of a Python model. White space is part of the language, so it is compared by its text."""
    return {"exact": digest(code), "pieces": None, "reads": python_reads(code)}


class Pieces:
    """The text of a template in pieces for the SQL lexer; None if some of it could land anywhere."""

    def __init__(self, outputs):
        self.outputs = outputs
        self.pieces = []

    def of(self, tree):
        self.outputs.bind(tree)
        return self.pieces if self.body(tree.body) else None

    def body(self, body):
        return all(self.statement(node) for node in body)

    def statement(self, node):
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                if isinstance(part, nodes.TemplateData):
                    self.text(part.data)
                elif not sets_config(part):
                    self.pieces.append({"is": "output", "code": dump(part), "level": self.outputs.level(part)})
            return True
        if isinstance(node, (nodes.Assign, nodes.ExprStmt, nodes.Continue, nodes.Break)):
            self.pieces.append({"is": "statement", "code": dump(node)})
            return True
        if isinstance(node, nodes.If):
            self.mark("open", dump(node.test))
            if not self.body(node.body):
                return False
            for branch in node.elif_:
                self.mark("else", dump(branch.test))
                if not self.body(branch.body):
                    return False
            self.mark("else", "")
            if not self.body(node.else_):
                return False
            self.mark("close", "if")
            return True
        if isinstance(node, nodes.For):
            self.mark("open", dump([node.target, node.iter, node.test, node.recursive]))
            if not self.body(node.body):
                return False
            self.mark("else", "for")
            if not self.body(node.else_):
                return False
            self.mark("close", "for")
            return not node.recursive
        return False  # the text of a call, filter, set or macro block is a value

    def mark(self, kind, code):
        self.pieces.append({"is": kind, "code": code})

    def text(self, data):
        if self.pieces and isinstance(self.pieces[-1], str):
            self.pieces[-1] += data
        else:
            self.pieces.append(data)


def sets_config(node):
    """`{{ config(…) }}` renders nothing, and the manifest has what it sets."""
    return isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "config"


def dump(node):
    """A syntax tree as text, without positions. Equal texts render equally."""
    if isinstance(node, nodes.Output):
        return f"Output({dump([part for part in node.nodes if not sets_config(part)])})"
    if isinstance(node, nodes.Node):
        fields = ",".join(dump(value) for _, value in node.iter_fields(exclude=("ctx",)))
        return f"{type(node).__name__}({fields})"
    if isinstance(node, (list, tuple)):
        return f"[{','.join(map(dump, node))}]"
    return f"{type(node).__name__}:{node!r}" if isinstance(node, (int, float)) else json.dumps(node, default=str)


def digest(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
