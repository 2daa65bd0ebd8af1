import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../framework/model/event.ts'
import { value } from '../contract/suites/state.ts'
import { FakeProject } from '../rig/fake-project.ts'
import { stateOf } from './watching.ts'

/** Rule 28, in a warehouse like a DuckDB file, which has no change tokens, and in one like Snowflake. */

const WAREHOUSES = [
  ['a file that a single process opens', { resource: 'the file' }, false],
  ['a shared one with change tokens', { resource: null }, true],
] as const

const notices = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.event === 'notice' ? [event.message] : []))

describe.each(WAREHOUSES)('28: side writes in %s', (_, warehouse, hasTokens) => {
  const projectWith = () => {
    const project = new FakeProject()
    project.warehouse = warehouse
    project.hasTokens = hasTokens
    return project
  }

  it('what read a table that a hook then wrote is built again, and the run says who wrote it', async () => {
    const project = projectWith().add('log').add('r', ['log']).add('a').hook('a', 'log')
    const { events } = await project.materialize()
    expect(notices(events)).toEqual([
      'log was written by a during this run; what read it will be built again; the next run undoes the write, unless log has on_drift: adopt',
    ])
    expect(project.state.records.get('r')!.inputs[0]!.version).toBeNull()
    // The run has recorded what it saw: offline says so before any online command does.
    expect((await project.status('offline')).get('log')!.state).toBe('stale')
    expect(await stateOf(project, 'log')).toBe('stale: drifted')
    expect((await project.materialize()).steps).toEqual(['log: unchanged', 'r: unchanged'])
    expect((await project.materialize()).steps).toEqual([])
    expect(project.tables.get('r')).toBe(project.wouldHold('r'))
  })

  it('a log that each call appends to is adopted, and then nothing is left to do', async () => {
    const project = projectWith()
      .add('log', [], { accumulates: 'incremental' })
      .add('a')
      .policy('log', { onDrift: 'adopt' })
      .hook('on-run-end', 'log')
    expect(notices((await project.materialize()).events)).toEqual([])
    expect((await project.materialize()).steps).toEqual(['log: adopted'])
    expect((await project.materialize()).steps).toEqual([])
    project.change('a', { code: 'edited' })
    expect((await project.materialize()).steps).toEqual(['a: built'])
    expect((await project.materialize()).steps).toEqual(['log: adopted'])
    expect((await project.materialize()).steps).toEqual([])
  })

  it('readers of an adopted log see what the hook of another model wrote', async () => {
    const project = projectWith()
      .add('log')
      .add('r', ['log'])
      .add('a')
      .policy('log', { onDrift: 'adopt' })
      .hook('a', 'log')
    await project.materialize()
    expect((await project.materialize()).steps).toEqual(['log: adopted', 'r: built'])
    expect(project.tables.get('r')).toBe(project.wouldHold('r'))
    expect((await project.materialize()).steps).toEqual([])
  })

  it('a table that was fresh and no step reads has drifted, and its readers wait for it', async () => {
    const project = projectWith().add('log').add('r', ['log']).add('a').hook('a', 'log')
    await project.materialize()
    await project.materialize()
    project.change('a', { code: 'edited' })
    expect((await project.materialize()).steps).toEqual(['a: built'])
    expect(await stateOf(project, 'log')).toBe('stale: drifted')
    expect(await stateOf(project, 'r')).toBe('pending')
  })

  it('a step of a later call of the run has not seen the recorded version', async () => {
    const project = projectWith()
      .add('log')
      .add('a')
      .add('c', ['a'], { kind: 'command' })
      .add('r', ['log', 'c'])
      .hook('a', 'log')
    const { batches } = await project.materialize()
    expect(batches.at(-1)).toEqual(['r'])
    expect(project.state.records.get('r')!.inputs[0]!.version).toBeNull()
    await project.materialize()
    expect(project.tables.get('r')).toBe(project.wouldHold('r'))
    expect((await project.materialize()).steps).toEqual([])
  })

  it('what a hook wrote into an incremental table is not built on', async () => {
    const project = projectWith()
      .add('a')
      .add('c', ['a'], { kind: 'command' })
      .add('inc', ['c'], { accumulates: 'incremental' })
    await project.materialize()
    project.hook('a', 'inc')
    project.change('a', { code: 'edited' }).change('c', { code: 'edited' })
    const full: string[] = []
    project.onBuild = (name, isFull) => {
      if (isFull) full.push(name)
    }
    await project.materialize()
    expect(full).toContain('inc')
    expect(project.tables.get('inc')).toBe(project.wouldHold('inc'))
  })

  it('a write before the build of its table in the same call changes nothing', async () => {
    const project = projectWith().add('log').add('r', ['log']).hook('on-run-start', 'log')
    await project.materialize()
    project.change('log', { code: 'edited' }).change('r', { code: 'edited' })
    expect((await project.materialize()).steps).toEqual(['log: built', 'r: built'])
    expect(await stateOf(project, 'r')).toBe('fresh')
    expect((await project.materialize()).steps).toEqual([])
  })

  it('so does one by another step of the call, however often it writes', async () => {
    const project = projectWith().add('a').add('log', ['a']).add('r', ['log'])
    await project.materialize()
    project.hook('a', 'log').hook('a', 'log')
    for (const name of ['a', 'log', 'r']) project.change(name, { code: 'edited' })
    expect((await project.materialize()).batches).toEqual([['a', 'log', 'r']])
    expect((await project.materialize()).steps).toEqual([])
  })

  it('a raw table, an external and a check are no exception', async () => {
    const project = projectWith()
      .raw('raw')
      .external('file')
      .add('t', ['raw'])
      .add('u', ['file'])
      .check('c', ['raw'])
      .hook('t', 'raw')
      .hook('u', 'file')
    await project.materialize()
    expect(await stateOf(project, 'raw')).toBe('stale: drifted')
    expect(await stateOf(project, 't')).toBe('pending')
    expect(await stateOf(project, 'u')).toBe('stale: unknown')
    expect(project.state.checks.get('c')!.inputs[0]!.version).toBeNull()
    expect((await project.status('offline')).get('u')!.state).toBe('stale')
  })

  it('what a hook of a model writes into its input is no news to a model that does not read it', async () => {
    for (const isUnread of [true, false]) {
      const project = projectWith()
        .add('log')
        .add('a', ['log'], { constant: 'one' })
        .policy('log', { onDrift: 'adopt' })
        .hook('a', 'log', { isUnread })
      await project.materialize()
      const { steps } = await project.materialize()
      expect(steps).toEqual(['log: adopted', isUnread ? 'a: released' : 'a: unchanged'])
      expect((await project.materialize()).steps.length).toBe(isUnread ? 0 : 2)
    }
  })

  it('a failed step of the call does not hide them', async () => {
    const project = projectWith()
      .add('log')
      .add('r', ['log'])
      .add('a')
      .add('bad', [], { fails: true })
      .hook('a', 'log')
    expect((await project.materialize()).result.outcome).toBe('failed')
    expect(project.state.records.get('r')!.inputs[0]!.version).toBeNull()
    expect(await stateOf(project, 'log')).toBe('stale: drifted')
  })

  it('a call that may write anything is followed by a look at everything', async () => {
    const project = projectWith().add('log').add('r', ['log']).add('far').add('p')
    project.hook('p', 'far', { isOpaque: true }).hook('p', 'log', { isOpaque: true })
    await project.materialize()
    expect(await stateOf(project, 'far')).toBe('stale: drifted')
    expect(project.state.records.get('r')!.inputs[0]!.version).toBeNull()
  })

  it('what a view shows is remembered after a call that may have written anything and did not', async () => {
    const project = projectWith().add('a').add('p').view('v', ['a', 'p']).add('t', ['v'])
    project.tables.set(project.relationOf('elsewhere'), 'of somebody else')
    project.hook('p', 'elsewhere', { isOpaque: true })
    await project.materialize()
    expect(await stateOf(project, 't')).toBe('fresh')
    expect((await project.materialize()).steps).toEqual([])
  })

  it('two writes that leave the same content may have shown another one in between', async () => {
    const project = projectWith().external('flags', 'none').add('t', ['flags'])
    project.hook('on-run-start', 'flags', { leaves: () => 'running' })
    project.hook('on-run-end', 'flags', { leaves: () => 'none' })
    await project.materialize()
    expect(await stateOf(project, 't')).toBe('stale: unknown')
  })

  it('a run that is killed before the call ends has recorded nothing that may not be true', async () => {
    const project = projectWith().add('b').add('a').view('v', ['b']).add('c', ['v', 'a'])
    project.hook('a', 'b')
    let killed = 0
    for (let point = 1; point < 40; point++) {
      project.change('a', { code: `code ${point}` }).change('c', { code: `code ${point}` })
      if ((await project.materializeUntil(point)) !== null) break
      killed++
      if ((await stateOf(project, 'c')) === 'fresh') {
        expect(project.tables.get('c')).toBe(project.wouldHold('c'))
      }
      await project.materialize(['b', 'v'])
      if ((await stateOf(project, 'c')) === 'fresh') {
        expect(project.tables.get('c')).toBe(project.wouldHold('c'))
      }
    }
    expect(killed).toBeGreaterThan(5)
  })

  it('what is fresh holds what its inputs show, whatever hooks write', async () => {
    const hook = fc.record({
      of: fc.constantFrom('a', 'b', 'c', 'd', 'on-run-start', 'on-run-end'),
      target: fc.constantFrom('a', 'b', 'c', 'd', 'raw'),
      isConstant: fc.boolean(),
    })
    const story = fc.record({
      hooks: fc.array(hook, { maxLength: 3 }),
      adopts: fc.subarray(['a', 'b', 'c', 'd']),
      edits: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'raw', 'nothing'), { maxLength: 4 }),
      killedAt: fc.array(fc.integer({ min: 3, max: 25 }), { maxLength: 3 }),
      isView: fc.boolean(),
      // Several statements that do not say what they write count as one.
      isOpaque: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(story, async ({ hooks, adopts, edits, killedAt, isView, isOpaque }) => {
        const project = projectWith()
          .raw('raw')
          .add('a', ['raw'])
          .add('b', ['a'], isView ? { form: 'view' } : {})
          .add('k', ['a'], { kind: 'command' })
          .add('c', ['b', 'raw'])
          .add('d', ['a', 'c', 'k'])
        for (const name of adopts) project.policy(name, { onDrift: 'adopt' })
        for (const [at, { of, target, isConstant }] of hooks.entries()) {
          const leaves = isConstant ? { leaves: () => 'hooked' } : {}
          project.hook(of, target, { ...leaves, isOpaque: isOpaque && at === 0 })
        }
        for (const [at, edit] of ['nothing', ...edits].entries()) {
          if (edit === 'raw') project.change('raw', { source: `rows ${at}` })
          else if (edit !== 'nothing') project.change(edit, { code: `code ${at}` })
          const point = killedAt[at]
          await (point === undefined ? project.materialize() : project.materializeUntil(point))
          for (const [name, verdict] of await project.status()) {
            if (verdict.state !== 'fresh' || !project.tables.has(name)) continue
            // What its own hook writes belongs to a build, and what was adopted is not what its code gives.
            const isOwn = hooks.some(({ of, target }) => of === target && target === name)
            if (isOwn || project.state.records.get(name)?.how === 'adopted') continue
            expect([name, project.tables.get(name)]).toEqual([name, project.wouldHold(name)])
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

it('28: an idempotent hook, in one statement, proves that nothing moved', async () => {
  const project = new FakeProject().add('log').add('r', ['log']).add('a')
  project.warehouse = { resource: 'the file' }
  project.hasTokens = false
  project.policy('log', { onDrift: 'adopt' }).hook('a', 'log', { leaves: () => 'cleaned' })
  await project.materialize()
  await project.materialize()
  project.change('a', { code: 'edited' }).change('r', { code: 'edited' })
  expect((await project.materialize()).steps).toEqual(['r: built', 'a: built'])
  expect(await stateOf(project, 'r')).toBe('fresh')
  expect(await stateOf(project, 'log')).toBe('fresh')
})

it('28: the token of the warehouse is not kept while a table holds what a hook wrote', async () => {
  const project = new FakeProject().add('log').add('r', ['log']).add('a')
  project.warehouse = { resource: 'the file' }
  project.hasTokens = false
  const keepsToken = async () => value(await project.state.snapshot()).changeTokens.has('warehouse')
  await project.materialize()
  expect(await keepsToken()).toBe(true)
  project.hook('a', 'log').change('a', { code: 'edited' })
  await project.materialize()
  expect(await keepsToken()).toBe(false)
})
