import type { DbtGraph } from '../../model/dbt-facts.ts'
import type { Materialization } from '../../model/record.ts'
import type { Selector } from '../../model/selector.ts'
import type { Planned } from '../../plan/plan.ts'
import { type LastBuild, markOf, type Overview, type OverviewAsset } from './overview.ts'

interface About {
  readonly project: string
  readonly target: string
  readonly seenAt: number
  readonly selectors: Readonly<Record<string, Selector>>
  readonly dbt: DbtGraph
}

/** What the page shows of a plan of the whole project. Pure. */
export function overviewOf({ world, decisions }: Planned, about: About): Overview {
  const { graph, state } = world
  const place = new Int32Array(graph.size)
  let count = 0
  for (const i of graph.order) if (!graph.isCheck(i)) place[i] = count++
  const placesOf = (i: number) => Array.from(graph.inputs(i), (input) => place[input]!)
  const assets: OverviewAsset[] = []
  const checks: Overview['checks'][number][] = []
  for (const i of graph.order) {
    const verdict = decisions.verdicts[i]!
    if (graph.isCheck(i)) {
      const { name, severity } = world.check(i)
      const outcome = state.checks.get(name)?.outcome ?? null
      checks.push({ name, severity, reads: placesOf(i), verdict, outcome })
      continue
    }
    const { name, kind, group, owners, tags, file } = world.asset(i)
    const definition = world.definition(i)
    assets.push({
      name,
      kind,
      group,
      form: definition?.form ?? null,
      inputs: placesOf(i),
      mark: markOf(verdict),
      verdict,
      last: lastBuildOf(state.records.get(name)),
      owners,
      tags,
      file,
      relation: definition?.relation ?? null,
    })
  }
  const { project, target, seenAt, selectors, dbt } = about
  const selecting = { selectors, nodes: [...dbt.nodes], readers: [...dbt.readers] }
  return { project, target, seenAt, assets, checks, selecting }
}

function lastBuildOf(record: Materialization | undefined): LastBuild | null {
  if (record === undefined) return null
  const { run, startedAt, finishedAt, rows, how } = record
  return { run, at: finishedAt, seconds: (finishedAt - startedAt) / 1000, rows, how }
}
