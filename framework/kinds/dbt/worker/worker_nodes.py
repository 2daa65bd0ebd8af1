"""What a single node of dbt's manifest is, and what stands above it."""


def parents(node):
    """unique_ids of what it reads; a seed reads nothing and has no such list."""
    return list(getattr(node.depends_on, "nodes", []))


def above(manifest, node):
    """unique_ids of all that a node hangs on, however far up."""
    seen, todo = set(), parents(node)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(manifest.parent_map.get(name, ()))
    return seen


def is_test(manifest, name):
    return name in manifest.unit_tests or manifest.nodes[name].resource_type == "test"


def is_microbatch(node):
    return node.config.get("incremental_strategy") == "microbatch"


def reaches_out(node):
    """Why building a node elsewhere might still touch something outside; None where it does not."""
    kind = node.config.materialized
    if kind not in ("table", "view", "incremental", "seed"):
        return f"its materialization, {kind}, may write elsewhere"
    if node.config.pre_hook or node.config.post_hook:
        return "its hooks may change more than itself"
    return None


def names(node, place):
    """Whether a node's own query says where it is built: built elsewhere it may give other rows."""
    return place.lower() in (getattr(node, "compiled_code", None) or "").lower()


def uncompile(node):
    """dbt takes a node that an earlier invocation compiled as done and leaves its ephemerals out."""
    if getattr(node, "compiled", False):
        node.compiled = False
        node.compiled_code = None
        node.extra_ctes_injected = False
        node.extra_ctes = []
        node._pre_injected_sql = None
