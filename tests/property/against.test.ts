import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asBuilt } from '../../framework/execute/as-built.ts'
import { type Planned, planFor } from '../../framework/plan/plan.ts'
import type { Scope } from '../../framework/plan/scope.ts'
import { World } from '../../framework/staleness/world.ts'
import { declared, stories } from './arbitrary.ts'
import { History } from './history.ts'
import { declare, type Edit, type Story } from './story.ts'

// SEMANTICS 42: what a working tree would rebuild against a commit is what a plan shows after everything of that commit
// was built and the files were switched.

/** At least enough for what is expected of them, and no more than fit into the time of a test. */
const runs = Math.min(2_000, Math.max(100, Number(process.env.ASSETS_HISTORIES ?? 1_000)))
const seed = Number(process.env.ASSETS_SEED ?? 4)

interface Change {
  readonly story: Story
  readonly edits: readonly Edit[]
  readonly select: readonly number[] | null
  readonly exclude: number | null
  readonly only: boolean
}

const changes: fc.Arbitrary<Change> = fc.record({
  story: stories,
  edits: fc.array(declared, { maxLength: 8 }),
  select: fc.option(fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 2 })),
  exclude: fc.option(fc.nat({ max: 9 }), { freq: 6 }),
  only: fc.boolean(),
})

/** A project in which everything is fresh; null if something of it never is, such as what has no version. */
async function freshProject(story: Story): Promise<History | null> {
  const history = new History()
  const { project } = history
  declare(project, story)
  for (const check of project.checks.values()) check.result = 'pass'
  await project.materialize()
  const { decisions, world } = await project.look('offline')
  const known = decisions.settled.every(
    ({ state }, i) => world.graph.isCheck(i) || state === 'settled',
  )
  return known && decisions.verdicts.every(({ state }) => state === 'fresh') ? history : null
}

/** What a plan says of each node, without versions and sentences. */
function said({ world, decisions, plan, comments }: Planned) {
  const verdicts = world.graph.names.map((name, i) => {
    const verdict = decisions.verdicts[i]!
    const on = 'on' in verdict ? verdict.on : []
    const reasons = 'reasons' in verdict ? verdict.reasons : []
    return {
      name,
      state: verdict.state,
      on,
      reasons: reasons.map((one) => [one.reason, one.asset]),
    }
  })
  const steps = plan.steps.map(({ asset, action, full, verdict, pendingOn }) => ({
    ...{ asset, action, full, verdict, pendingOn },
  }))
  const { fresh, mayReplace, waiting, absent } = plan
  return { verdicts, steps, fresh, mayReplace, waiting, absent, comments }
}

test(`${runs} random changes are planned as after a switch of the branch`, async () => {
  let compared = 0
  let stale = 0
  await fc.assert(
    fc.asyncProperty(changes, async ({ story, edits, select, exclude, only }) => {
      const history = await freshProject(story)
      if (history === null) return
      const { project } = history
      const base = asBuilt(await project.declared(), project.now)
      for (const edit of edits) history.edit(edit)
      const names = [...project.assets.keys()]
      const named = (number: number) => names[number % names.length]!
      const scope: Scope = {
        ...project.scope(select === null ? undefined : select.map(named), {
          only,
          excluded: new Set(exclude === null ? [] : [named(exclude)]),
        }),
        purpose: 'look',
      }
      const real = await project.look('offline')
      const world = new World({
        ...(await project.declared()),
        state: base,
        observations: new Map(),
      })
      const planned = planFor(world, scope, project.now)
      const wanted = planFor(real.world, scope, project.now)
      expect(said(planned)).toEqual(said(wanted))
      compared++
      if (planned.plan.steps.length > 0) stale++
    }),
    { seed, numRuns: runs },
  )
  // Most of the random projects can be fresh, and many of the changes ask for something.
  expect(compared).toBeGreaterThan(runs / 4)
  expect(stale).toBeGreaterThan(compared / 5)
})

test(`nothing is to be done against the same project (${runs} random projects)`, async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { project } = new History()
      declare(project, story)
      const parts = await project.declared()
      const state = asBuilt(parts, project.now)
      const world = new World({ ...parts, state, observations: new Map() })
      const all = project.scope(undefined, {})
      const { plan, comments } = planFor(world, { ...all, purpose: 'look' }, project.now)
      expect([...plan.steps, ...plan.mayReplace, ...plan.waiting, ...comments]).toEqual([])
    }),
    { seed, numRuns: runs },
  )
})
