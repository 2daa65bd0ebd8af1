"""Reads templates as the dbt worker does. stdin: {"texts": […], "macros": {name: macro_sql}, "vars": {…}}. stdout: a list of facts."""

import json
import sys
from types import SimpleNamespace

sys.path.insert(0, sys.argv[1])

from worker_outputs import MacroOutputs, Outputs
from worker_templates import Templates

asked = json.load(sys.stdin)
macros = {
    name: SimpleNamespace(unique_id=f"macro.shop.{name}", macro_sql=sql, name=name)
    for name, sql in asked["macros"].items()
}
templates = Templates(macros, {"dbt", "shop"})


def candidates(name, package, dispatched):
    names = [one for one in macros if one.endswith(f"__{name}")] if dispatched else [name]
    return [macros[one] for one in names if one in macros]


outputs = MacroOutputs(templates.parse, candidates, [asked["vars"]], set(macros))
facts = [templates.facts(text, Outputs(outputs, [asked["vars"]])) for text in asked["texts"]]
json.dump(facts, sys.stdout)
