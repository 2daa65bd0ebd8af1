"""The statements that dbt would send to create views, without sending them."""

from dbt.compilation import Compiler
from dbt.context.providers import generate_runtime_model_context
from dbt_common.exceptions import DbtRuntimeError

from worker_build import Events
from worker_nodes import is_python, uncompile
from worker_project import adapter
from worker_writes import copies_out, written_by

VIEW = "view"
# What makes the statement of a view. If the project or a package has its own, it may do more than that.
MAKERS = ("get_create_view_as_sql", "create_view_as")
BUILTIN = ("dbt", "dbt_duckdb", "dbt_snowflake")
WRITES = "its code writes to the warehouse"


def view_statements(project, nodes):
    """By unique_id: the statement that creates a view, and its query. Left out are nodes of which that is not known."""
    each, statements = adapter(), {}
    each.cache.clear()
    if not is_builtin(project.manifest, each):
        return statements
    Events.on_statement = refuse_writes
    try:
        for name in nodes:
            node = project.find(name)
            if not is_plain(node):
                continue
            try:
                with each.connection_named(name, node):
                    statements[name] = statement_of(each, node, project.manifest)
            except Exception:
                pass  # such as a macro that fails: a build reports it
    finally:
        Events.on_statement = None
    return statements


def is_plain(node):
    """Whether nothing but one statement makes the view: a hook may change what it is."""
    config = node.config
    hooks = config.pre_hook or config.post_hook
    return config.materialized == VIEW and not hooks and not config.get("sql_header") and not is_python(node)


def is_builtin(manifest, each):
    project = each.config.project_name
    materialization = manifest.find_materialization_macro_by_name(project, VIEW, each.type())
    found = [materialization]
    for maker in MAKERS:
        for name in (maker, f"default__{maker}", f"{each.type()}__{maker}"):
            found.append(manifest.find_macro_by_name(name, project, None))
    return materialization is not None and all(macro is None or macro.package_name in BUILTIN for macro in found)


def statement_of(each, node, manifest):
    uncompile(node)
    compiled = Compiler(each.config).compile_node(node, manifest, {}, write=False)
    context = generate_runtime_model_context(compiled, each.config, manifest)
    relation = each.Relation.create_from(each.config, compiled, type=VIEW)
    query = compiled.compiled_code
    statement = context["get_create_view_as_sql"](relation, query)
    uncompile(node)
    return {"statement": str(statement).strip(), "query": query}


def refuse_writes(sql):
    if written_by(sql) or copies_out(sql, None):
        raise DbtRuntimeError(WRITES)
