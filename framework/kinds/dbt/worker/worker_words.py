"""The words of `persist_docs`: which comments a relation must hold, and how to set them without a build."""

from dbt.context.providers import generate_runtime_model_context

from worker_code import as_json, digest
from worker_project import adapter

# Their builds make a new relation. Every other build may write into one that exists, and keeps its comments.
NEW_RELATION = ("table", "view")


class Words:
    """The words of nodes. `materializations`: unique_id of the macro of each materialization in use."""

    def __init__(self, manifest, materializations):
        self.manifest = manifest
        self.writers = {name for name, macro in materializations.items() if self.writes(macro)}

    def writes(self, macro):
        """Whether a materialization persists words: its macro can call `persist_docs`."""
        seen, todo = set(), [macro]
        while todo:
            found = self.manifest.macros.get(todo.pop())
            if found is None or found.unique_id in seen:
                continue
            if found.name == "persist_docs":
                return True
            seen.add(found.unique_id)
            todo.extend(found.depends_on.macros)
        return False

    def of(self, node):
        """The version of a node's words; None if its configuration or its materialization persists none."""
        persist = node.config.persist_docs or {}
        if node.config.materialized not in self.writers or not (persist.get("relation") or persist.get("columns")):
            return None
        columns = [[column.name, column.quote, column.description] for column in node.columns.values()]
        words = [
            node.description if persist.get("relation") else None,
            sorted(columns, key=as_json) if persist.get("columns") else None,
        ]
        return {"version": digest(as_json(words)), "kept": node.config.materialized not in NEW_RELATION}


def set_words(project, nodes):
    """Sets the comments of the relations of nodes. Returns what failed: messages by unique_id."""
    each, failed = adapter(), {}
    each.cache.clear()
    for name in nodes:
        node = project.find(name)
        try:
            with each.connection_named(name, node):
                each.connections.begin()
                comment(each, node, project.manifest)
                each.commit_if_has_connection()
        except Exception as error:
            failed[name] = str(error)
    return failed


def comment(each, node, manifest):
    """Does what a build of the node does at its end, after it has deleted the comments that a new relation lacks."""
    context = generate_runtime_model_context(node, each.config, manifest)
    relation = each.get_relation(node.database, node.schema, node.alias)
    if relation is None:
        raise Exception(f"{node.schema}.{node.alias} does not exist")
    config = context["config"]
    if config.persist_relation_docs() and not node.description:
        delete_relation_comment(each, context, relation)
    if config.persist_column_docs():
        delete_column_comments(each, context, relation, node)
    context["persist_docs"](relation, context["model"])


def delete_relation_comment(each, context, relation):
    if each.type() == "duckdb":
        context["run_query"](f"comment on {relation.type} {relation} is null")
    else:
        context["run_query"](context["alter_relation_comment"](relation, ""))


def delete_column_comments(each, context, relation, node):
    """Of all columns, because adapters differ in which of them they take for documented."""
    if each.type() == "duckdb":
        for column in each.get_columns_in_relation(relation):
            context["run_query"](f"comment on column {relation}.{each.quote(column.name)} is null")
    elif not node.columns:
        # `persist_docs` does this itself for a node that has a documented column.
        context["run_query"](context["alter_column_comment"](relation, {}))
