import { expect, test } from 'vitest'
import { asBuilt, withNewExternals } from '../../framework/execute/as-built.ts'
import { planFor } from '../../framework/plan/plan.ts'
import { World } from '../../framework/staleness/world.ts'
import { FakeProject } from '../rig/fake-project.ts'

/** What the working tree would do in the state of the project before `change`. */
async function planAfter(project: FakeProject, change: () => void) {
  const base = await project.declared()
  const built = asBuilt(base, project.now)
  change()
  const parts = await project.declared()
  const state = withNewExternals(built, base.definitions, parts.definitions, project.now)
  const world = new World({ ...parts, state, observations: new Map() })
  const scope = { ...project.scope(undefined, {}), purpose: 'look' } as const
  const { plan, comments } = planFor(world, scope, project.now)
  const steps = plan.steps.map(({ asset, verdict, reasons }) =>
    [asset, verdict, ...reasons.map(({ reason }) => reason)].join(' '),
  )
  return { steps, absent: plan.absent, mayReplace: plan.mayReplace, comments }
}

test('an external that moved is unknown, and a new one counts as present', async () => {
  const project = new FakeProject().external('x').add('t', ['x']).add('u', [])
  const moved = await planAfter(project, () => project.change('x', { alias: 'elsewhere.x' }))
  expect(moved).toMatchObject({ absent: ['x'], steps: ['t stale unknown'] })
  const added = await planAfter(project, () => project.external('y').change('u', { deps: ['y'] }))
  expect(added).toMatchObject({ absent: [], steps: ['u stale deps'] })
})

test('what is remembered of a view, its columns and its words are those of the base', async () => {
  const project = new FakeProject().raw('r').view('v', ['r']).add('t', ['v'], { words: 'a' })
  expect(await planAfter(project, () => {})).toEqual({
    ...{ steps: [], absent: [], mayReplace: [], comments: [] },
  })
  const edited = await planAfter(project, () => project.change('t', { words: 'b' }))
  expect(edited).toMatchObject({ steps: [], comments: ['t'] })
})

test('what expires, names the clock or is new in each run is no news', async () => {
  const project = new FakeProject()
    .raw('r')
    .policy('r', { freshness: { maxAge: 1_000 } })
    .raw('c')
    .policy('c', { freshness: { cron: '* * * * * *', timezone: 'UTC' } })
    .view('n', ['r'])
    .policy('n', { dataVersion: 'always_new' })
    .add('t', ['n', 'c'])
    .check('clock', ['t'], { clock: true })
  expect((await planAfter(project, () => {})).steps).toEqual([])
  const changed = await planAfter(project, () => project.change('r', { code: 'other' }))
  expect(changed.steps).toEqual(['r stale code', 't pending', 'clock pending'])
})

test('a unit is built together', async () => {
  const unit = { unit: 'connection' }
  const project = new FakeProject().raw('a', 'rows', unit).raw('b', 'rows', unit)
  const { steps } = await planAfter(project, () => project.change('a', { code: 'other' }))
  expect(steps).toEqual(['a stale code', 'b stale shared'])
})

test('a check that is new, or has other code, runs without a build', async () => {
  const project = new FakeProject().add('t').check('old', ['t'])
  const { steps } = await planAfter(project, () => {
    project.check('old', ['t'], { code: 'other' }).check('new', ['t'])
  })
  expect(steps).toEqual(['old stale code', 'new stale unchecked'])
})
