import { projectOutputConflicts } from '../../../execute/output-conflicts.ts'
import { buildGraph, graphOf } from '../../../graph/graph.ts'
import type { Asset } from '../../../model/asset.ts'
import { AssetTable } from '../../../model/tables/asset-table.ts'
import { asGate } from '../../../staleness/check-waivers.ts'
import type { DefinedProject } from '../../../staleness/define.ts'
import type { Mistakes } from '../../mistakes.ts'
import { namedSelectionProblems } from '../../named-selections.ts'
import { noWarehouse } from '../../no-warehouse.ts'
import { definitionsOf } from '../../survey.ts'
import type { Workspace } from '../../workspace.ts'

/**
 * Looks at everything that can be examined of a project without a connection, and adds every mistake: of the kinds and
 * agreement with dbt, cycles, outputs that collide, named selections, a missing warehouse. None of them hides another.
 * `installs`: whether dbt's Python environment is created, to compare with dbt.
 */
export async function examine(
  workspace: Workspace,
  mistakes: Mistakes,
  installs: boolean,
): Promise<DefinedProject> {
  const { kinds, site } = workspace
  const defined = await definitionsOf(workspace, { parses: mistakes.isDbtRead, installs })
  if (defined.later !== null) mistakes.isDbtRead = false
  mistakes.add(defined.problems)

  const isAcyclic = addCycles(workspace, defined, mistakes)
  mistakes.add(await projectOutputConflicts(defined, kinds, site))
  const choosing = isAcyclic ? workspace : { ...workspace, project: withoutEdges(workspace) }
  mistakes.addOfSelections(await namedSelectionProblems({ workspace: choosing, defined }))

  const { target } = site
  if (target.warehouse === null && !mistakes.leftOut.targets.has(target.name)) {
    const assets = await needsWarehouse(workspace, defined)
    if (assets.length > 0) mistakes.add([noWarehouse(site, assets)])
  }
  return defined
}

/** Adds cycles, also through assets that are left out. Returns whether the graph of the others has none. */
function addCycles({ site }: Workspace, { checks }: DefinedProject, mistakes: Mistakes): boolean {
  const { assets } = site.project
  const names = new Set(assets.all.map(({ name }) => name))
  const others = mistakes.leftOut.assets.filter(({ name }) => !names.has(name) && names.add(name))
  const gates = checks.map(asGate)
  const graph = graphOf(assets, gates)
  const whole = others.length === 0 ? graph : buildGraph([...assets.all, ...others], gates)
  if (!whole.ok) mistakes.add(whole.problems)
  return graph.ok
}

function withoutEdges({ project }: Workspace): Workspace['project'] {
  const assets = project.assets.all.map((asset): Asset => ({ ...asset, deps: [] }))
  return { ...project, assets: AssetTable.of(assets) }
}

/** The assets that live in the target's warehouse, or read it. dbt's profile leads to one of its own. */
async function needsWarehouse(
  { kinds, project }: Workspace,
  { definitions }: DefinedProject,
): Promise<readonly string[]> {
  const names: string[] = []
  for (const { name, kind } of project.assets.all) {
    const { uses, warehouse } = await kinds(kind)
    const isInWarehouse = uses === 'warehouse' && warehouse === undefined
    if (isInWarehouse || definitions.get(name)?.relation != null) names.push(name)
  }
  return names
}
