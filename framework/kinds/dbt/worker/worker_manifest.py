"""The manifest facts of a dbt project: the reply to `parse`, declared in `manifest/worker-manifest.ts`."""

import os
import re

from dbt.adapters.factory import FACTORY
from dbt.context.configured import FQNLookup
from dbt.version import __version__ as DBT_VERSION

from worker_files import read_location, written_location
from worker_nodes import functions_of, parents

BUILT = ("model", "seed", "snapshot", "function")
DISPATCH = re.compile(r"""\bdispatch\(\s*(?:macro_name\s*=\s*)?['"](\w+)['"]""")


def manifest_facts(manifest, config):
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
    nodes = [*manifest.nodes.values(), *functions_of(manifest).values()]
    used = {node.config.materialized for node in nodes}
    # First, because rendering a location may read environment variables.
    locations = {
        node.unique_id: written_location(node, config, manifest)
        for node in nodes
        if node.config.materialized == "external"
    }
    return {
        "dbt": DBT_VERSION,
        "adapter": config.credentials.type,
        "project": config.project_name,
        "packages": packages,
        "paths": sorted({*config.all_source_paths, *config.docs_paths, config.packages_install_path}),
        "env_vars": sorted(manifest.env_vars),
        "materializations": {name: materialization_macro(manifest, config, name) for name in used},
        "nodes": [
            node_facts(node, locations.get(node.unique_id))
            for node in nodes
            if node.resource_type in BUILT
        ],
        "tests": [
            test_facts(node)
            for node in manifest.nodes.values()
            if node.resource_type == "test"
        ],
        "unit_tests": [unit_test_facts(test) for test in manifest.unit_tests.values()],
        "sources": [source_facts(source, config) for source in manifest.sources.values()],
        "readers": [
            reader_facts(reader)
            for kind in ("exposures", "metrics", "semantic_models", "saved_queries")
            for reader in getattr(manifest, kind, {}).values()
        ],
        "macros": [macro_facts(macro, internal) for macro in manifest.macros.values()],
        "disabled": [
            {"name": node.name, "file": node.original_file_path}
            for nodes in manifest.disabled.values()
            for node in nodes
            if node.resource_type in BUILT
        ],
    }


def variables(config, project, name):
    """The values of `var()` in a package: from the command line, else the root project, else the package."""
    lookup, kind = FQNLookup(name), config.credentials.type
    package_vars = dict(project.vars.vars_for(lookup, kind))
    root_vars = dict(config.vars.vars_for(lookup, kind))
    return {**package_vars, **root_vars, **config.cli_vars}


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
        "tags": list(getattr(node, "tags", None) or getattr(node.config, "tags", None) or []),
        "group": getattr(node, "group", None),
        "access": None if access is None else getattr(access, "value", str(access)),
        "latest_version": getattr(node, "latest_version", None),
    }


def reader_facts(reader):
    """An exposure, metric, semantic model or saved query. It is not an asset, but selections can name it."""
    return {
        "id": reader.unique_id,
        "resource": str(reader.resource_type),
        "name": f"{reader.package_name}.{reader.name}",
        "parents": list(reader.depends_on.nodes),
    }


def node_facts(node, location):
    contract = getattr(node.config, "contract", None)
    return {
        **common_facts(node),
        "resource": str(node.resource_type),
        "schema": node.schema,
        "alias": node.alias,
        "language": str(node.language),
        "version": getattr(node, "version", None),
        "latest": getattr(node, "version", None) == getattr(node, "latest_version", None),
        "config": node.config.to_dict(omit_none=True),
        "columns": [column.to_dict(omit_none=True) for column in node.columns.values()]
        if contract is not None and contract.enforced
        else [],
        "macros": list(getattr(node.depends_on, "macros", [])),
        "code": node.raw_code,
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


def test_facts(node):
    metadata = getattr(node, "test_metadata", None)
    return {
        **common_facts(node),
        "config": node.config.to_dict(omit_none=True),
        "macros": list(node.depends_on.macros),
        "code": node.raw_code,
        "arguments": None if metadata is None else metadata.to_dict(omit_none=True),
    }


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
        "schema": source.schema,
        "identifier": source.identifier,
        "location": read_location(source, config),
    }


def macro_facts(macro, internal):
    built_in = macro.package_name in internal
    return {
        "id": macro.unique_id,
        "name": macro.name,
        "package": macro.package_name,
        "file": macro.original_file_path,
        "macros": list(macro.depends_on.macros),
        "code": None if built_in else macro.macro_sql,
        "dispatched": DISPATCH.findall(macro.macro_sql) if built_in else [],
    }
