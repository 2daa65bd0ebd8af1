import { Output } from '../../framework/cli/output.ts'
import { defineProject, survey } from '../../framework/cli/survey.ts'
import { withState } from '../../framework/cli/with-state.ts'
import type { Result } from '../../framework/model/problem.ts'
import type { Materialization } from '../../framework/model/record.ts'
import { NO_OUTCOMES } from '../../framework/model/step.ts'
import { planFor } from '../../framework/plan/plan.ts'
import { NOTHING } from '../../framework/plan/scope.ts'
import type { Change } from '../../framework/ports/state.ts'
import type { Decisions } from '../../framework/staleness/decide-all.ts'
import { proofChanges } from '../../framework/staleness/warehouse-proof.ts'
import type { World } from '../../framework/staleness/world.ts'
import type { InProcessProject } from './in-process.ts'

/**
 * Makes the records of a project claim that everything in it is fresh: that it was built from the present
 * code and inputs, at the present place. A program that lacks a rule would have recorded no other. Returns
 * the assets whose records were changed, and rejects if some are not called fresh even so.
 */
export async function claimFresh(project: InProcessProject): Promise<readonly string[]> {
  const context = project.context(
    () => {},
    () => {},
  )
  const output = new Output(context, { json: false, all: false })
  const claimed = new Set<string>()
  const code = await withState(context, output, { target: null }, async (workspace, state) => {
    const { site } = workspace
    const defined = must(await defineProject(workspace))
    const lease = must(await state.acquire({ target: site.target.name, command: '', job: null }))
    if (lease.busy) throw new Error('the target is held')
    const warehouse = must(await site.warehouse())
    let doubts: readonly string[] = []
    // A reader is claimed after its inputs, whose versions are known then.
    for (let pass = 0; pass < 10; pass++) {
      const { world } = must(await survey(workspace, state, defined, { look: 'online' })).gathered
      const { decisions } = planFor(world, NOTHING, site.clock())
      const changes = claims(world, decisions)
      doubts = Array.from(world.graph.order).flatMap((i) => {
        const verdict = decisions.verdicts[i]!
        return verdict.state === 'fresh' ? [] : [`${world.name(i)}: ${JSON.stringify(verdict)}`]
      })
      if (changes.length === 0) {
        must(await lease.release({ outcome: 'succeeded', counts: NO_OUTCOMES }))
        return 0
      }
      for (const { record } of changes) claimed.add(record.asset)
      // With this token, a relation that is not where it should be is not looked for.
      const token = await warehouse.changeToken()
      must(await lease.write([...changes, ...proofChanges(token, [])]))
    }
    throw new Error(`never fresh: ${doubts.join('\n')}`)
  })
  if (code !== 0) throw new Error(`exit ${code}`)
  return [...claimed].sort()
}

function claims(world: World, decisions: Decisions): Extract<Change, { change: 'commit' }>[] {
  return Array.from(world.graph.order).flatMap((i) => {
    if (world.graph.isCheck(i) || decisions.verdicts[i]!.state === 'fresh') return []
    const { definition, record, observation } = world.facts(i)
    if (definition === null || record === null) return []
    const found = observation?.found
    const seen = found?.state === 'present' ? found : null
    const claim: Materialization = {
      ...record,
      codeVersion: definition.codeVersion,
      parts: definition.parts,
      inputs: Array.from(world.graph.inputs(i), (input) => {
        const settled = decisions.settled[input]!
        const { version, shape } =
          settled.state === 'settled' ? settled : { version: null, shape: null }
        return { name: world.name(input), version, shape }
      }),
      dataVersion: seen?.version ?? record.dataVersion,
      installed: seen?.installed ?? record.installed,
      token: seen?.token ?? record.token,
      shape: record.shape && {
        ...(seen?.shape ?? record.shape),
        relation: definition.relation ?? record.shape.relation,
      },
      ...(record.outputs && { outputs: definition.outputs }),
    }
    return [{ change: 'commit', record: claim }]
  })
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '))
  return result.value
}
