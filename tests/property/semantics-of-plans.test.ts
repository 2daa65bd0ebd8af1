import { describe, expect, it } from 'vitest'
import { FakeProject } from '../rig/fake-project.ts'

/** The histories of rule 25, and the parts of rules 4 and 11 that a plan shows. */
describe('25: the plan is what a run executes', () => {
  it('the plan names every stream of a connection, and the run builds them', async () => {
    const project = new FakeProject()
      .raw('raw_payment', 'rows', { unit: 'connection' })
      .raw('raw_film', 'rows', { unit: 'connection' })
      .add('fact', ['raw_payment'])
    await project.materialize()
    project.change('raw_payment', { source: 'more' })
    const { steps } = await project.plan(['fact'])
    expect(steps.map(({ asset, verdict }) => `${asset}: ${verdict}`)).toEqual([
      'raw_payment: stale',
      'raw_film: stale',
      'fact: pending',
    ])
    const ran = await project.materialize(['fact'])
    expect(ran.batches[0]?.toSorted()).toEqual(['raw_film', 'raw_payment'])
  })

  it('a view is certain to be replaced if the relation below it changes', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).ephemeral('e', ['t'])
    project.view('over_table', ['t']).view('over_ephemeral', ['e'])
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    const { steps } = await project.plan()
    expect(steps.map(({ asset, verdict }) => `${asset}: ${verdict}`)).toEqual([
      't: stale',
      'over_table: stale',
      'over_ephemeral: stale',
    ])
    expect((await project.materialize()).steps.toSorted()).toEqual([
      'over_ephemeral: unchanged',
      'over_table: unchanged',
      't: unchanged',
    ])
  })

  it('a fresh view below a table that is built may be replaced', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).ephemeral('e', ['t'])
    project.view('v', ['e']).view('other', ['raw'])
    await project.materialize()
    project.change('t', { code: 'edited', columns: 'id, more' })
    const plan = await project.plan()
    expect(plan.steps.map(({ asset }) => asset)).toEqual(['t'])
    expect(plan.fresh).toContain('v')
    expect(plan.mayReplace).toEqual(['v'])
    expect((await project.materialize()).steps.toSorted()).toEqual(['t: built', 'v: built'])
  })

  it('a waiting check runs if what it reads turns out to be fresh', async () => {
    const project = new FakeProject().raw('raw').add('a', ['raw'], { constant: 'rows' })
    project.add('b', ['a']).check('c', ['a', 'b'])
    await project.materialize()
    project.change('raw', { source: 'more' })
    Object.assign(project.checks.get('c')!, { code: 'edited' })
    expect((await project.plan(['a'])).waiting).toEqual([{ check: 'c', on: ['b'] }])
    const { steps } = await project.materialize(['a'])
    expect(steps).toEqual(['raw: built', 'a: unchanged', 'c: checked'])
  })

  it('what dbt defines during the run is pending until then, and planned like the rest', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).view('v', ['t'])
    const { plan, steps } = await project.materialize(undefined, { late: true })
    expect(plan.steps.map(({ asset }) => asset)).toEqual(['raw', 't', 'v'])
    expect(steps).toEqual(['raw: built', 't: built', 'v: built'])
    project.change('raw', { source: 'more' })
    const again = await project.materialize(undefined, { late: true })
    expect(again.steps).toEqual(['raw: built', 't: built'])
  })
})
