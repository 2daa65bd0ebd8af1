"""Which nodes one invocation of dbt runs, and in which order, where its options can't say that."""

from contextlib import contextmanager

from dbt.compilation import Linker
from dbt.graph.selector_methods import TagSelectorMethod

TAG = "assets__selected"


@contextmanager
def selected(nodes):
    """
    Yields the arguments that select exactly `nodes`. Selecting by names is quadratic in dbt, and a tag in the
    manifest would be seen by SQL that reads tags, so the search for the tag is replaced.
    """
    search = TagSelectorMethod.search

    def search_selected(method, included, selector):
        return included & set(nodes) if selector == TAG else search(method, included, selector)

    TagSelectorMethod.search = search_selected
    try:
        yield ["--select", "tag:" + TAG]
    finally:
        TagSelectorMethod.search = search


@contextmanager
def declared_order(declared):
    """Adds declared edges to the graph of an invocation: order, and what a failure skips, follow them."""
    link_graph = Linker.link_graph

    def link(linker, manifest):
        link_graph(linker, manifest)
        for node, before in declared.items():
            for name in before:
                # dbt runs unit tests together with their model.
                if name not in manifest.unit_tests and node not in manifest.unit_tests:
                    linker.dependency(node, name)

    Linker.link_graph = link
    try:
        yield
    finally:
        Linker.link_graph = link_graph
