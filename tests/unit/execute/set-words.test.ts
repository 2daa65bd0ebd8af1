import { describe, expect, test } from 'vitest'
import { remeasured } from '../../../framework/execute/set-words.ts'
import { FakeProject, type Ran } from '../../rig/fake-project.ts'

const commented = ({ events }: Ran) =>
  events.flatMap((event) => (event.event === 'comments_set' ? event.assets : []))
const problemsOf = ({ events }: Ran) =>
  events.flatMap((event) => (event.event === 'problem' ? [event.problem.message] : []))

/** A table, an incremental one and a view, each with words. */
function worded(): FakeProject {
  return new FakeProject()
    .raw('raw')
    .add('t', ['raw'], { words: 'one' })
    .add('log', ['raw'], { words: 'one', accumulates: 'incremental' })
    .view('v', ['t'], { words: 'one' })
}

describe('the words of comments', () => {
  test('are set without a build, once', async () => {
    const project = worded()
    await project.materialize()
    expect(await project.materialize()).toMatchObject({ steps: [], events: { length: 2 } })
    project.change('t', { words: 'two' }).change('v', { words: '' })

    const ran = await project.materialize()
    expect([ran.result.outcome, ran.steps, commented(ran)]).toEqual(['succeeded', [], ['t', 'v']])
    expect(Object.fromEntries(project.comments)).toEqual({ log: 'one', t: 'two' })
    expect(await project.materialize()).toMatchObject({ steps: [], events: { length: 2 } })
  })

  test('are set only in the scope of the run', async () => {
    const project = worded()
    await project.materialize()
    project.change('t', { words: 'two' }).change('log', { words: 'two' })
    expect(commented(await project.materialize(['log']))).toEqual(['log'])
    expect(commented(await project.materialize(['v'], { excluded: new Set(['t']) }))).toEqual([])
    expect(commented(await project.materialize(['v']))).toEqual(['t'])
  })

  test('come from the build of an asset that is built', async () => {
    const project = worded()
    await project.materialize()
    project.change('t', { words: 'two', code: 'other' }).change('v', { words: 'two' })
    const ran = await project.materialize()
    expect(ran.steps).toEqual(['t: built'])
    expect(commented(ran)).toEqual(['v'])
    expect(project.comments.get('t')).toBe('two')
    expect(commented(await project.materialize())).toEqual([])
  })

  test('that were deleted are deleted in a table that a build does not replace', async () => {
    const project = worded()
    await project.materialize()
    project.change('raw', { source: 'more' }).change('log', { words: '' })
    const ran = await project.materialize()
    expect(ran.steps).toContain('log: built')
    expect(commented(ran)).toEqual(['log'])
    expect(project.comments.has('log')).toBe(false)
    project.change('raw', { source: 'even more' })
    expect(commented(await project.materialize())).toEqual([])
  })

  test('of an asset that is released are set', async () => {
    const project = worded().change('raw', { constant: 'same' })
    await project.materialize()
    project.change('raw', { code: 'other' }).change('t', { words: 'two' })
    const ran = await project.materialize()
    expect(ran.steps).toContain('t: released')
    expect(commented(ran)).toEqual(['t'])
  })

  test('of a table that was adopted are set again: someone else may have replaced it', async () => {
    const project = worded().policy('t', { onDrift: 'adopt' })
    await project.materialize()
    project.tables.set('t', 'edited')
    project.comments.delete('t')
    const ran = await project.materialize(['t'])
    expect(ran.steps).toEqual(['t: adopted'])
    expect(commented(ran)).toEqual(['t'])
    expect(project.comments.get('t')).toBe('one')
  })

  test('of a failed asset and of one that was never built are left', async () => {
    const project = worded()
    await project.materialize(['log'])
    project.change('t', { fails: true }).change('log', { words: 'two', fails: true })
    project.change('raw', { source: 'more' })
    const ran = await project.materialize()
    expect(ran.steps).toEqual(expect.arrayContaining(['t: failed', 'log: failed', 'v: blocked']))
    expect(commented(ran)).toEqual([])
  })

  test('that are refused are a problem of the run, and of no step', async () => {
    const project = worded()
    await project.materialize()
    project.change('t', { words: 'two', refusesWords: true }).change('v', { words: 'two' })
    for (const set of [['v'], []]) {
      const ran = await project.materialize()
      expect(ran.result).toMatchObject({ outcome: 'failed', counts: { failed: 0 } })
      expect(problemsOf(ran)).toEqual(['t refuses words'])
      expect(commented(ran)).toEqual(set)
    }
    expect((await project.status()).get('t')).toEqual({ state: 'fresh' })
  })

  test('are set if definitions arrive during the run', async () => {
    const project = worded()
    await project.materialize()
    project.change('t', { words: 'two' })
    expect(commented(await project.materialize(undefined, { late: true }))).toEqual(['t'])
  })

  test('are no drift, although setting them moves the change token of the table', async () => {
    const project = worded().policy('t', { dataVersion: 'change_token' })
    await project.materialize()
    const before = project.tables.writes.get('t')
    project.change('t', { words: 'two' })
    await project.materialize()
    expect(project.tables.writes.get('t')).not.toBe(before)
    expect((await project.status()).get('t')).toEqual({ state: 'fresh' })
    // A write by someone else still is.
    project.tables.set('t', 'edited')
    expect((await project.status()).get('t')).toMatchObject({ reasons: [{ reason: 'drifted' }] })
  })

  test('leave the change token of the warehouse as proof', async () => {
    const project = worded()
    project.warehouse = { resource: 'file' }
    const tokenAfter = async () => {
      await project.materialize()
      const seen = await project.state.snapshot('local')
      return seen.ok ? seen.value.changeTokens.get('warehouse') : undefined
    }
    const before = await tokenAfter()
    project.change('t', { words: 'two' })
    const after = await tokenAfter()
    expect(after).toEqual(expect.any(String))
    expect(after).not.toBe(before)
    expect(await tokenAfter()).toBe(after)
  })

  for (const undone of [false, true]) {
    const what = undone ? 'their edit is undone' : 'the same command is run again'
    test.each([true, false])(
      `are right after ${what}, wherever a run died (builds: %s)`,
      async (builds) => {
        for (let point = 0; ; point++) {
          const project = worded()
          await project.materialize()
          project.change('t', { words: 'two' }).change('v', { words: 'two' })
          project.change('log', { words: '' })
          if (builds) project.change('v', { code: 'other' }).change('raw', { source: 'more' })
          const finished = await project.materializeUntil(point)
          if (undone) for (const name of ['t', 'v', 'log']) project.change(name, { words: 'one' })
          const ran = await project.materialize()
          expect(ran.result.outcome).toBe('succeeded')
          const expected = undone ? { t: 'one', v: 'one', log: 'one' } : { t: 'two', v: 'two' }
          expect(Object.fromEntries(project.comments), `killed at point ${point}`).toEqual(expected)
          if (finished !== null) {
            expect(point).toBeGreaterThan(4)
            return
          }
        }
      },
    )
  }
})

describe('a record after its comments were set', () => {
  const shape = { relation: 'main.t', columns: 'x' }
  const inspected = (token: string | undefined, installed: string | null = null) => ({
    kind: installed === null ? ('table' as const) : ('view' as const),
    columns: [],
    shape,
    installed,
    ...(token === undefined ? {} : { token }),
  })

  test('has the token and the definition that the relation has now', async () => {
    const table = await recordOf('t')
    const { token } = table
    expect(token).toEqual(expect.any(String))
    const moved = { before: inspected(token!), after: inspected('moved') }
    expect(remeasured(table, moved)).toEqual({ ...table, token: 'moved' })
    const view = await recordOf('v')
    const shown = { before: inspected(undefined, view.installed), after: inspected(undefined, 'i') }
    expect(remeasured(view, shown)).toEqual({ ...view, installed: 'i' })
  })

  test('is left if someone else wrote before, if nothing moved, or if it was not seen', async () => {
    const table = await recordOf('t')
    const view = await recordOf('v')
    const same = inspected(table.token!)
    const after = inspected('moved')
    expect(remeasured(table, { before: inspected('written'), after })).toBeNull()
    expect(remeasured(table, { before: same, after: same })).toBeNull()
    expect(remeasured(table, { before: null, after })).toBeNull()
    expect(remeasured(table, { before: same, after: null })).toBeNull()
    // A warehouse whose tables have no change token that inspecting shows.
    const none = inspected(undefined)
    expect(remeasured(table, { before: none, after: none })).toBeNull()
    const redefined = { before: inspected(undefined, 'x'), after: inspected(undefined, 'y') }
    expect(remeasured(view, redefined)).toBeNull()
  })
})

async function recordOf(name: string) {
  const project = worded()
  await project.materialize()
  const seen = await project.state.snapshot('local')
  if (!seen.ok) throw new Error('the state is in memory')
  return seen.value.records.get(name)!
}
