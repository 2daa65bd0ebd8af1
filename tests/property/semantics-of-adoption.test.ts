import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeProject } from '../rig/fake-project.ts'
import { falselyFresh } from './truth.ts'

/** The history after each "Without it:" of rule 43. */

/** `raw → stg (view) → t`, filled by a program that records nothing; `raw` is an external. */
function filled(more: (project: FakeProject) => void = () => {}): FakeProject {
  const project = new FakeProject().external('raw').view('stg', ['raw']).add('t', ['stg'])
  more(project)
  fill(project)
  return project
}

/** What another program leaves that builds everything in order. */
function fill(project: FakeProject): void {
  for (const [name, { form }] of project.assets) {
    if (form === 'stored' || form === 'view') project.build(name, true)
  }
}

const everything = (project: FakeProject) => [...project.assets.keys()]
const adoptAll = (project: FakeProject) =>
  project.materialize(undefined, { adopt: everything(project) })
const adopted = (steps: readonly string[]) =>
  steps.flatMap((step) => (step.endsWith(': adopted') ? [step.split(':')[0]!] : [])).sort()
const builtBy = async (project: FakeProject) => {
  const { steps } = await project.materialize()
  return steps.filter((step) => /: (?:built|unchanged)$/.test(step))
}
const stateOf = async (project: FakeProject) => {
  const verdicts = await project.status('offline')
  return Object.fromEntries([...verdicts].map(([name, { state }]) => [name, state]))
}
const left = ({ events }: Awaited<ReturnType<FakeProject['materialize']>>) =>
  Object.fromEntries(
    events.flatMap((event) =>
      event.event === 'adopted'
        ? event.left.map(({ asset, because }) => [asset, because] as const)
        : [],
    ),
  )

describe('43: adopting what exists', () => {
  it('what is vouched for is recorded without a build, and then nothing is left to do', async () => {
    const project = filled()
    const before = [...project.tables.writes]
    expect(adopted((await adoptAll(project)).steps)).toEqual(['stg', 't'])
    expect([...project.tables.writes]).toEqual(before)
    expect(await stateOf(project)).toEqual({ raw: 'fresh', stg: 'fresh', t: 'fresh' })
    expect((await project.materialize()).steps).toEqual([])
  })

  it('without a person who vouches, exactly the views with the present definition are recorded', async () => {
    const project = filled((project) => project.view('other', ['t']))
    project.change('other', { code: 'edited' })
    const { steps } = await project.materialize(undefined, { adopt: [] })
    expect(steps).toEqual(['stg: adopted', 't: built', 'other: built'])
    expect(falselyFresh(project, await project.status(), new Set())).toEqual([])
  })

  it('a view with another definition is built, whoever vouches for it', async () => {
    const project = filled()
    project.change('stg', { code: 'edited' })
    const ran = await adoptAll(project)
    expect(ran.steps).toEqual(['stg: built', 't: built'])
    expect(left(ran)).toEqual({ stg: 'its definition in the warehouse is another one' })
  })

  it('a view that was defined again after the comparison is not adopted', async () => {
    const project = filled()
    project.onMeasure = (moment) => {
      const view = project.views.get('stg')!
      if (moment === 'before') project.views.set('stg', { ...view, code: 'by hand' })
    }
    const { steps } = await project.materialize(undefined, { adopt: ['t'] })
    expect(steps).toEqual(['stg: built', 't: unchanged'])
    expect(falselyFresh(project, await project.status(), new Set())).toEqual([])
  })

  it('an edit after the adoption rebuilds exactly what it concerns', async () => {
    const project = filled((project) => project.add('u', ['raw']))
    await adoptAll(project)
    project.change('u', { code: 'edited' })
    expect(await builtBy(project)).toEqual(['u: built'])
    project.tables.set('raw', 'other rows')
    expect(await builtBy(project)).toEqual(['t: built', 'u: built'])
  })

  it('drift after the adoption is seen', async () => {
    const project = filled()
    await adoptAll(project)
    project.tables.set('t', 'edited')
    expect(await builtBy(project)).toEqual(['t: unchanged'])
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
  })

  it('a vouched table whose input comes out different in the same run is built', async () => {
    const project = filled((project) => project.add('u', ['t']))
    project.change('t', { code: 'edited' })
    const { steps } = await project.materialize(undefined, { adopt: ['u'] })
    expect(steps).toEqual(['stg: adopted', 't: built', 'u: built'])
    expect(project.tables.get('u')).toBe(project.wouldHold('u'))
  })

  it('a vouched table whose input is built again with equal content is kept', async () => {
    const project = filled((project) => project.add('u', ['t'], { accumulates: 'incremental' }))
    project.tables.set('u', 'years of history')
    const { steps } = await project.materialize(undefined, { adopt: ['u'] })
    expect(steps).toEqual(['stg: adopted', 't: built', 'u: adopted'])
    expect(project.tables.get('u')).toBe('years of history')
    expect((await project.materialize()).steps).toEqual([])
  })

  it('so is one over a view that was built again with another definition and equal content', async () => {
    const project = filled((project) => project.change('stg', { constant: 'same' }))
    project.change('stg', { code: 'edited' })
    const { steps } = await project.materialize(undefined, { adopt: ['t'] })
    expect(steps).toEqual(['stg: built', 't: adopted'])
  })

  it('a view over a table that gets other columns in the same run is replaced', async () => {
    const project = filled((project) => project.view('v', ['t']))
    project.change('t', { columns: 'id, name' })
    await project.materialize(undefined, { adopt: ['v'] })
    expect(falselyFresh(project, await project.status(), new Set())).toEqual([])
    expect(project.see('v')).not.toBeNull()
  })

  it('a table that is written to between the two looks is built', async () => {
    const project = filled()
    project.onMeasure = (moment) => {
      if (moment === 'between') project.tables.set('t', 'rows of someone else')
    }
    const ran = await adoptAll(project)
    expect(ran.steps).toContain('t: built')
    expect(left(ran)).toEqual({ t: 'its content could not be read at one moment' })
  })

  it('nor is a table of a shared warehouse without change tokens', async () => {
    const project = filled()
    project.hasTokens = false
    project.warehouse = { resource: null }
    expect(adopted((await adoptAll(project)).steps)).toEqual(['stg'])
    expect(falselyFresh(project, await project.status(), new Set())).toEqual([])
  })

  it('a table whose input was written to between the two looks is built', async () => {
    const project = new FakeProject().add('a').add('b', ['a'])
    fill(project)
    project.onMeasure = (moment) => {
      if (moment === 'between') project.tables.set('a', 'rows of someone else')
    }
    const ran = await project.materialize(undefined, { adopt: ['b'] })
    expect(ran.steps).toEqual(['a: built', 'b: built'])
    expect(left(ran)).toEqual({ b: 'the content of a is not known' })
  })

  it('what reads an external that can not be read is built', async () => {
    const project = filled()
    project.change('raw', { unreadable: true })
    const ran = await adoptAll(project)
    expect(ran.steps).toContain('t: built')
    expect(left(ran).t).toBe('the content of stg is not known')
  })

  it('what reads an asset outside the run that was never built is built', async () => {
    const project = filled((project) => project.add('u', ['t']))
    const ran = await project.materialize(['u'], { only: true, adopt: ['u'] })
    expect(ran.steps).toEqual(['u: built'])
    expect(left(ran)).toEqual({ u: 'the content of t is not known' })
  })

  it('a raw table is loaded, and what reads it is kept if it holds the same rows', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    fill(project)
    const ran = await adoptAll(project)
    expect(ran.steps).toEqual(['raw: built', 't: adopted'])
    expect(left(ran)).toEqual({ raw: 'where it stands in its source is not known' })
  })

  it('and built if its source moved since', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    fill(project)
    project.change('raw', { source: 'newer rows' })
    expect((await adoptAll(project)).steps).toEqual(['raw: built', 't: built'])
  })

  it('a stream of a unit is loaded', async () => {
    const project = new FakeProject()
      .raw('one', 'rows', { unit: 'connection' })
      .raw('two', 'rows', { unit: 'connection' })
    fill(project)
    expect((await adoptAll(project)).steps).toEqual(['one: built', 'two: built'])
  })

  it('a table that a killed or failed build left is built', async () => {
    const project = filled()
    project.change('t', { fails: true, leavesHalf: true })
    await project.materialize()
    project.change('t', { fails: false })
    const ran = await adoptAll(project)
    expect(ran.steps).toContain('t: built')
    expect(left(ran).t).toBe('run 1 began it and did not finish')
  })

  /** `t` is to be built with other code, and `u`, which reads it, was made from what `t` held before. */
  const edited = () => {
    const project = filled((project) => project.add('u', ['t']))
    return project.change('t', { code: 'edited' })
  }
  const isBuiltAfterAll = async (project: FakeProject) => {
    await project.materialize(undefined, { adopt: ['u'] })
    expect(project.tables.get('u')).toBe(project.wouldHold('u'))
    expect(await builtBy(project)).toEqual([])
  }

  it('nobody can vouch for what a killed run was to build', async () => {
    for (let point = 0; ; point++) {
      const project = edited()
      if ((await project.materializeUntil(point)) !== null) break
      await isBuiltAfterAll(project)
    }
  })

  it('nor for what a cancelled run was to build', async () => {
    const project = edited()
    project.onBuilt = () => project.abort.abort()
    await project.materialize(['t'], {})
    await project.materialize()
    project.abort = new AbortController()
    project.onBuilt = () => {}
    await isBuiltAfterAll(project)
  })

  it('nor for what a failed check has blocked', async () => {
    const project = edited().check('ok', ['t'], { result: 'fail' })
    await project.materialize()
    project.checks.get('ok')!.result = 'pass'
    await isBuiltAfterAll(project)
  })

  it('but for what no run was to build, although its inputs were built', async () => {
    const project = filled((project) => project.add('u', ['t']))
    await project.materialize(['t'])
    const { steps } = await project.materialize(undefined, { adopt: ['u'] })
    expect(steps).toEqual(['u: adopted'])
  })

  it('what another asset of the project left or built at its relation is built', async () => {
    const project = filled((project) => project.add('u', ['stg']))
    await project.materialize(['t'])
    project.change('t', { alias: 'elsewhere' }).change('u', { alias: 't' })
    const ran = await project.materialize(['u'], { adopt: ['u'] })
    expect(ran.steps).toContain('u: built')
    expect(left(ran)).toEqual({ u: 'another asset of this project was built there' })
  })

  it.each(['table', 'view'] as const)('a %s in the place of the other is built', async (there) => {
    const project = new FakeProject()
      .external('raw')
      .add('a', ['raw'], { form: there === 'view' ? 'view' : 'stored' })
    fill(project)
    project.change('a', { form: there === 'view' ? 'stored' : 'view' })
    expect((await adoptAll(project)).steps).toEqual(['a: built'])
  })

  it('--force and --full-refresh are stronger, and only for what they name', async () => {
    const project = filled()
    const ran = await project.materialize(['t'], { adopt: everything(project), forced: 'forced' })
    expect(ran.steps).toEqual(['stg: adopted', 't: built'])
    expect(left(ran)).toEqual({ t: 'a build was requested' })
  })

  it('an asset with a record is decided by its record', async () => {
    const project = filled()
    await project.materialize()
    project.change('t', { code: 'edited' })
    const ran = await adoptAll(project)
    expect(ran.steps).toEqual(['t: built'])
    expect(left(ran)).toEqual({ t: 'run 1 built it, and that record counts' })
  })

  it('what would be stale at once is built instead', async () => {
    const project = filled((project) =>
      project.policy('raw', { dataVersion: 'always_new' }).add('u', ['raw']),
    )
    await project.materialize(['raw'])
    const ran = await adoptAll(project)
    expect(ran.steps.toSorted()).toEqual(['stg: adopted', 't: adopted', 'u: built'])
    expect(left(ran)).toEqual({ u: 'raw changed' })
  })

  it('its checks run, and a gate that fails blocks what is built below it', async () => {
    const project = filled((project) =>
      project.add('u', ['t']).check('ok', ['t'], { result: 'fail' }),
    )
    project.change('u', { code: 'edited' })
    const { steps } = await project.materialize(undefined, { adopt: ['t'] })
    expect(steps).toEqual(['stg: adopted', 't: adopted', 'ok: failed', 'u: blocked'])
  })

  it('a run that is killed anywhere is finished by the same command, and builds nothing twice', async () => {
    for (let point = 0; ; point++) {
      const project = filled((project) => project.add('u', ['t']).add('w', ['u']))
      project.change('u', { code: 'edited' })
      const ask = { adopt: ['t', 'w'] }
      const first = await project.materializeUntil(point, undefined, ask)
      if (first !== null) break
      const builds: string[] = []
      project.onBuild = (name) => builds.push(name)
      await project.materialize(undefined, ask)
      expect(builds).not.toContain('stg')
      expect(falselyFresh(project, await project.status(), new Set())).toEqual([])
      expect((await project.materialize()).steps).toEqual([])
    }
  })

  it('the plan shows what the run then does, and reads no content', async () => {
    const project = filled((project) => project.add('u', ['t']).add('w', ['u']))
    project.change('u', { code: 'edited' })
    const ask = { adopt: ['t', 'w'] }
    const plan = await project.plan(undefined, ask)
    expect(plan.steps.map(({ asset, action, verdict }) => `${asset} ${action} ${verdict}`)).toEqual(
      ['stg adopt stale', 't adopt stale', 'w adopt pending', 'u build stale'],
    )
    const { steps } = await project.materialize(undefined, ask)
    expect(steps).toEqual(['stg: adopted', 't: adopted', 'u: built', 'w: built'])
  })

  it('the history and the record say why', async () => {
    const project = filled()
    await adoptAll(project)
    const run = await project.state.run(1)
    const notes = run.ok ? run.value!.steps.map(({ name, note }) => [name, note]) : []
    expect(Object.fromEntries(notes)).toEqual({
      stg: 'its definition is the installed one',
      t: 'vouched for with --vouch',
    })
  })
})

describe('43: random projects', () => {
  const step = fc.record({
    form: fc.constantFrom('stored', 'view', 'ephemeral', 'incremental'),
    deps: fc.array(fc.nat(5), { maxLength: 3 }),
    /** What happens to it between the build of the other program and the adoption. */
    event: fc.constantFrom('nothing', 'nothing', 'nothing', 'code', 'edited', 'dropped', 'columns'),
  })
  const story = fc.record({
    steps: fc.array(step, { minLength: 2, maxLength: 6 }),
    killedAt: fc.nat(20),
    vouches: fc.boolean(),
    comparesViews: fc.boolean(),
  })

  it('what is adopted is never falsely fresh, if the vouched hold what they should', async () => {
    const play = fc.asyncProperty(story, async ({ steps, killedAt, vouches, comparesViews }) => {
      const project = new FakeProject().external('x0').raw('x1')
      project.comparesViews = comparesViews
      const names = ['x0', 'x1']
      for (const [at, { form, deps }] of steps.entries()) {
        const reads = [...new Set(deps.map((dep) => names[dep % names.length]!))]
        if (form === 'incremental') project.add(`a${at}`, reads, { accumulates: 'incremental' })
        else project.add(`a${at}`, reads, { form })
        names.push(`a${at}`)
      }
      fill(project)
      for (const [at, { event }] of steps.entries()) {
        const name = `a${at}`
        if (event === 'code') project.change(name, { code: 'edited' })
        if (event === 'columns') project.change(name, { columns: 'id, more' })
        if (event === 'edited' && project.tables.has(name)) project.tables.set(name, 'edited')
        if (event === 'dropped') project.drop(name)
      }
      const adopt = vouches ? names.filter((name) => isTrue(project, name)) : []
      await project.materializeUntil(killedAt, undefined, { adopt })
      const { result } = await project.materialize(undefined, { adopt })
      const verdicts = await project.status()
      // What is continued holds rows from before this program.
      const continued = names.filter((name) => project.assets.get(name)!.accumulates !== 'no')
      expect(falselyFresh(project, verdicts, new Set(continued))).toEqual([])
      if (result.outcome === 'succeeded') expect((await project.materialize()).steps).toEqual([])
    })
    await fc.assert(play, { numRuns: 300, seed: Number(process.env.ASSETS_SEED ?? 4) })
  })

  /** Whether a person can vouch for an asset: a build from what its inputs show now would give what it holds. */
  function isTrue(project: FakeProject, name: string): boolean {
    const { form } = project.assets.get(name)!
    if (form !== 'view') return project.see(name) === project.wouldHold(name)
    const would = project.clone()
    would.build(name, true)
    const relation = project.relationOf(name)
    return would.shownDefinition(relation) === project.shownDefinition(relation)
  }
})
