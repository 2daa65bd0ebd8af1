"""Questions about one node of dbt's manifest, and about its ancestors."""


def parents(node):
    """unique_ids of what a node reads. A seed reads nothing and has no such list."""
    return list(getattr(node.depends_on, "nodes", []))


def ancestors(manifest, node, declared):
    """unique_ids of everything that a node reads, directly or indirectly, and of what was `declared` to precede it."""
    seen, todo = set(), [*parents(node), *declared.get(node.unique_id, ())]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(manifest.parent_map.get(name, ()))
            todo.extend(declared.get(name, ()))
    return seen


def functions_of(manifest):
    """The functions of a project by unique_id. dbt has them since 1.11, apart from its other nodes."""
    return getattr(manifest, "functions", {})


def is_test(manifest, name):
    if name in manifest.unit_tests:
        return True
    return name in manifest.nodes and manifest.nodes[name].resource_type == "test"


def database_of(node, own):
    """The database of a node or a source; None if it is `own`, the one of the target."""
    name = getattr(node, "database", None)
    return None if not name or name.lower() == (own or "").lower() else name


def relation_of(node, own):
    """`schema.name` in lower case, with `()` if it is called; the form of `relationOf` in catalog.ts.

    In another database than `own`, that comes first.
    """
    is_called = node.config.materialized in ("function", "table_function")
    parts = [part for part in (database_of(node, own), node.schema, node.alias) if part]
    return ".".join(map(relation_part, parts)).lower() + ("()" if is_called else "")


def relation_part(part):
    """With quotes if it would be read as several parts; the same as in relation-name.ts."""
    return '"' + part.replace('"', '""') + '"' if "." in part or part.startswith('"') else part


def is_microbatch(node):
    return node.config.get("incremental_strategy") == "microbatch"


def why_not_in_scratch(node):
    """Why building a node in a scratch schema might change something outside it; None if it can't."""
    kind = node.config.materialized
    if kind not in ("table", "view", "incremental", "seed", "external"):
        return f"its materialization, {kind}, may write elsewhere"
    if node.config.pre_hook or node.config.post_hook:
        return "its hooks may change other relations"
    return None


def is_python(node):
    return getattr(node, "language", None) == "python"


def is_own(node, relation, own_database):
    """Whether a name, given by its parts, is that of the node's relation or of a temporary one beside it.

    Without a database it is in `own_database`, that of the target.
    """
    *address, name = relation
    # A unit test has no relation, only temporary ones.
    own = getattr(node, "alias", node.name).lower()
    if name != own and not name.startswith(own + "__dbt_"):
        return False
    schema, database = (node.schema or "").lower(), (getattr(node, "database", None) or "").lower()
    if len(address) > 1:
        return address[-2:] == [database, schema]
    if not address:
        return True
    elsewhere = database_of(node, own_database) is not None
    return address[0] == database or (address[0] == schema and not elsewhere)


def names_scratch(node, name):
    """Whether a node's SQL has the name of the scratch schema or database: its rows may depend on it."""
    return name.lower() in (getattr(node, "compiled_code", None) or "").lower()


def uncompile(node):
    """Resets a compiled node. dbt would not compile it again, and would leave out its ephemerals."""
    if getattr(node, "compiled", False):
        node.compiled = False
        node.compiled_code = None
        node.extra_ctes_injected = False
        node.extra_ctes = []
        node._pre_injected_sql = None
