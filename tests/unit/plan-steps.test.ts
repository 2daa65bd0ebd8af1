import { expect, test } from 'vitest'
import { FakeProject, type Ran } from '../rig/fake-project.ts'

/** The steps of a plan: `build log in full`, `adopt film`. */
const stepsOf = ({ plan }: Ran) =>
  plan.steps.map(({ action, asset, full }) => `${action} ${asset}${full ? ' in full' : ''}`)

test('a plan marks full builds', async () => {
  const project = new FakeProject().raw('raw').add('log', ['raw'], { accumulates: 'incremental' })
  expect(stepsOf(await project.materialize())).toEqual(['build raw in full', 'build log in full'])
  project.policy('log', { onCode: 'keep_history' }).change('log', { code: 'other code' })
  expect(stepsOf(await project.materialize())).toEqual(['build log'])
})

test('a plan marks adopted assets', async () => {
  const project = new FakeProject().raw('raw').add('film', ['raw'])
  project.policy('film', { onDrift: 'adopt' })
  await project.materialize()
  project.tables.set('film', 'edited')
  expect(stepsOf(await project.materialize())).toEqual(['adopt film in full'])
})

test('a step whose verdict is pending is in a later batch than its input', async () => {
  const project = new FakeProject().add('first').add('second', ['first'])
  await project.materialize()
  project.change('first', { code: 'other code' })
  const { plan } = await project.materialize()
  expect(plan.steps.map(({ asset, verdict, batch }) => [asset, verdict, batch])).toEqual([
    ['first', 'stale', 1],
    ['second', 'pending', 2],
  ])
})

test('a plan names the fresh views that other columns below would replace', async () => {
  const project = new FakeProject().raw('raw').add('film', ['raw']).view('v', ['film'])
  project.view('over_v', ['v'])
  await project.materialize()
  project.change('film', { code: 'other code' })
  expect((await project.plan()).mayReplace).toEqual(['v', 'over_v'])
})

test('a plan does not name a view over known columns', async () => {
  const project = new FakeProject().raw('raw').view('v', ['raw']).view('over_v', ['v'])
  await project.materialize()
  project.change('raw', { source: 'more rows' })
  await project.materialize(['raw'])
  expect(await project.plan()).toMatchObject({ steps: [], fresh: ['raw', 'v', 'over_v'] })
  expect((await project.plan()).mayReplace).toEqual([])
})

test('a plan has the scope of its command', async () => {
  const project = new FakeProject().add('dim').add('fact', ['dim']).check('both', ['dim', 'fact'])
  const plan = await project.plan(undefined, { excluded: new Set(['dim']) })
  expect(plan.steps.map(({ asset }) => asset)).toEqual(['fact'])
  expect(plan.waiting).toEqual([{ check: 'both', on: ['dim'] }])
})
