"""What an asset shows of a node or a source besides its code: description, tags, group, owners, settings."""

from dbt.graph.cli import parse_difference
from dbt.graph.graph import Graph
from dbt.graph.selector import ResourceTypeSelector
from dbt.compilation import Linker
from dbt.node_types import NodeType


class About:
    """`manifest` is searched for the owners of groups."""

    def __init__(self, manifest):
        self.owners = {group.name: owner_names(group.owner.to_dict()) for group in manifest.groups.values()}

    def of(self, node):
        config = node.config
        meta = getattr(config, "meta", None) or getattr(node, "meta", None) or {}
        group = getattr(config, "group", None)
        settings = meta.get("assets")
        return {
            "description": node.description.strip(),
            "tags": list(dict.fromkeys(node.tags or [])),
            "group": group,
            "owners": owner_names(meta.get("owner")) or self.owners.get(group, []),
            "settings": settings if isinstance(settings, dict) else None,
        }


def owner_names(owner):
    """The owners that `owner:` names: a name, a list of them, or a mapping with an email or a name."""
    if isinstance(owner, dict):
        owner = owner.get("email") or owner.get("name")
    owners = owner if isinstance(owner, list) else [owner]
    return [name for name in owners if isinstance(name, str) and name != ""]


def selected_nodes(manifest, select, exclude):
    """The unique_ids that `--select` and `--exclude` of dbt choose, tests among them; None for all."""
    if select is None and not exclude:
        return None
    linker = Linker()
    linker.link_graph(manifest)
    selector = ResourceTypeSelector(Graph(linker.graph), manifest, None, list(NodeType))
    return sorted(selector.get_selected(parse_difference(select, exclude or None)))
