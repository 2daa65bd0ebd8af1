"""The manifest facts of a dbt project: the reply to `parse`, declared in `manifest/worker-manifest.ts`."""

import os

from dbt.adapters.factory import FACTORY
from dbt.context.configured import FQNLookup
from dbt.flags import get_flags
from dbt.version import __version__ as DBT_VERSION

from worker_about import About, selected_nodes
from worker_code import Code, module_folders
from worker_files import naming, read_location, written_location
from worker_freshness import freshness_facts
from worker_nodes import database_of, functions_of, parents
from worker_words import Words

BUILT = ("model", "seed", "snapshot", "function")


def manifest_facts(manifest, config, settings):
    """The facts of the whole project. `config` is the runtime configuration that dbt parsed it with."""
    projects = config.load_dependencies()
    internal = set(FACTORY.get_adapter_package_names(config.credentials.type))
    packages = {
        name: {
            "root": os.path.relpath(project.project_root, config.project_root),
            "vars": variables(config, project, name),
        }
        for name, project in projects.items()
        if name not in internal
    }
    roots = {name: project.project_root for name, project in projects.items()}
    variables_of = {name: package["vars"] for name, package in packages.items()}
    code = Code(manifest, variables_of, roots, internal, config.credentials.database)
    nodes = of_types(manifest, *BUILT)
    used = {node.config.materialized for node in (*manifest.nodes.values(), *nodes)}
    materializations = {name: materialization_macro(manifest, config, name) for name in used}
    # First, because rendering a location may read environment variables.
    locations = {
        node.unique_id: written_location(node, config, manifest)
        for node in nodes
        if node.config.materialized == "external"
    }
    words = Words(manifest, materializations)
    about = About(manifest)
    facts = {
        "dbt": DBT_VERSION,
        "adapter": config.credentials.type,
        "project": config.project_name,
        "packages": packages,
        "paths": sorted({*read_folders(projects, internal, config), *module_folders(config)}),
        "packages_folder": config.packages_install_path,
        "env_vars": sorted({*manifest.env_vars, *config.project_env_vars}),
        "profile_env_vars": sorted(config.profile_env_vars),
        "materializations": materializations,
        "dispatch": config.dispatch,
        "nodes": [
            {
                **node_facts(node, code, locations.get(node.unique_id)),
                "database": database_of(node, config.credentials.database),
                "words": words.of(node),
                "about": about.of(node),
            }
            for node in nodes
        ],
        "selected": selected_nodes(manifest, settings["select"], settings["exclude"]),
        "tests": [test_facts(node, code) for node in of_types(manifest, "test")],
        "unit_tests": [unit_test_facts(test) for test in manifest.unit_tests.values()],
        "hooks": [
            {**code.of(node), "file": node.original_file_path, "package": node.package_name, "index": node.index}
            for node in of_types(manifest, "operation")
            if "on-run-start" in node.tags
        ],
        "sources": [
            {**source_facts(source, config), "about": about.of(source)} for source in manifest.sources.values()
        ],
        "readers": [
            reader_facts(reader)
            for kind in ("exposures", "metrics", "semantic_models", "saved_queries")
            for reader in getattr(manifest, kind, {}).values()
        ],
        "macros": code.macros(filter(None, materializations.values())),
        "disabled": [
            {"name": node.name, "file": node.original_file_path}
            for nodes in manifest.disabled.values()
            for node in nodes
            if node.resource_type in BUILT
        ],
    }
    return {**facts, **code.context(config, get_flags())}


def read_folders(projects, internal, config):
    """Folders that dbt reads, relative to the project. A package may have folders that are none of its business."""
    for name, project in projects.items():
        if name not in internal:
            for path in (*project.all_source_paths, *project.docs_paths):
                yield os.path.relpath(os.path.join(project.project_root, path), config.project_root)


def of_types(manifest, *types):
    nodes = (*manifest.nodes.values(), *functions_of(manifest).values())
    return [node for node in nodes if node.resource_type in types]


def variables(config, project, name):
    """The values of `var()` in a package: from the command line, else the root project, else the package."""
    lookup, kind = FQNLookup(name), config.credentials.type
    package_vars = dict(project.vars.vars_for(lookup, kind))
    root_vars = dict(config.vars.vars_for(lookup, kind))
    return dict(sorted({**package_vars, **root_vars, **config.cli_vars}.items()))


def materialization_macro(manifest, config, name):
    macro = manifest.find_materialization_macro_by_name(
        config.project_name, name, config.credentials.type
    )
    return None if macro is None else macro.unique_id


def common_facts(node):
    return {
        "id": node.unique_id,
        "name": node.name,
        "package": node.package_name,
        "file": node.original_file_path,
        "parents": parents(node),
        "selection": selection_fields(node),
    }


def selection_fields(node):
    """What is used only by selections."""
    access, patch = getattr(node, "access", None), getattr(node, "patch_path", None)
    return {
        "fqn": node.fqn,
        "patch": None if patch is None else patch.split("://")[-1],
        "tags": list(getattr(node, "tags", None) or []),
        "group": getattr(node.config, "group", None),
        "access": None if access is None else getattr(access, "value", str(access)),
        "latest_version": getattr(node, "latest_version", None),
    }


def reader_facts(reader):
    """An exposure, metric, semantic model or saved query. It is not an asset, but selections can name it."""
    return {
        "id": reader.unique_id,
        "resource": str(reader.resource_type),
        "package": reader.package_name,
        "file": reader.original_file_path,
        "parents": list(reader.depends_on.nodes),
        "selection": selection_fields(reader),
    }


def node_facts(node, code, location):
    contract = getattr(node.config, "contract", None)
    return {
        **common_facts(node),
        **code.of(node),
        "resource": str(node.resource_type),
        "schema": node.schema,
        "alias": node.alias,
        "relation_name": getattr(node, "relation_name", None),
        "language": str(node.language),
        "version": getattr(node, "version", None),
        "latest": getattr(node, "version", None) == getattr(node, "latest_version", None),
        "columns": [
            *(contract_column(column) for column in node.columns.values()),
            *(constraint.to_dict(omit_none=True) for constraint in getattr(node, "constraints", None) or []),
        ]
        if contract is not None and contract.enforced
        else [],
        "documented": documented_columns(node),
        "naming": naming(node.raw_code),
        "location": location,
        "signature": signature(node),
    }


def signature(node):
    """What a function takes and returns; None for any other node."""
    if node.resource_type != "function":
        return None
    keys = ("name", "data_type", "default_value")
    arguments = [[getattr(argument, key, None) for key in keys] for argument in node.arguments]
    return {"arguments": arguments, "returns": node.returns.data_type}


def documented_columns(node):
    """What the project's YAML says of columns, for people: name, type, description. It decides nothing."""
    return [
        [column.name, getattr(column, "data_type", None), (column.description or "").strip()]
        for column in node.columns.values()
    ]


def contract_column(column):
    """What a contract asks of a column. Its words and tags change no row."""
    kept = ("name", "data_type", "constraints", "quote")
    return {key: value for key, value in column.to_dict(omit_none=True).items() if key in kept}


def test_facts(node, code):
    metadata = getattr(node, "test_metadata", None)
    arguments = None if metadata is None else metadata.to_dict(omit_none=True)
    attached = getattr(node, "attached_node", None)
    return {**common_facts(node), **code.of(node, arguments), "arguments": arguments, "attached": attached}


def unit_test_facts(test):
    defining = ("given", "expect", "overrides", "versions")
    return {
        **common_facts(test),
        "definition": {key: value for key, value in test.to_dict().items() if key in defining},
    }


def source_facts(source, config):
    return {
        "id": source.unique_id,
        "name": f"{source.source_name}.{source.name}",
        "package": source.package_name,
        "source": source.source_name,
        "table": source.name,
        "config": source.config.to_dict(omit_none=True),
        "selection": selection_fields(source),
        "file": source.original_file_path,
        "database": database_of(source, config.credentials.database),
        "schema": source.schema,
        "identifier": source.identifier,
        "relation_name": source.relation_name,
        "location": read_location(source, config),
        "freshness": freshness_facts(source),
        "documented": documented_columns(source),
    }
