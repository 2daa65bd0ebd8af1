import { describe, expect, it } from 'vitest'
import { versionBy } from '../../framework/model/version-mode.ts'
import { FakeProject } from '../rig/fake-project.ts'
import { stateOf } from './watching.ts'

/** The history after each "breaks:" of the rules of freshness, and the rules that have none. */

describe('17: checks', () => {
  const shop = () =>
    new FakeProject().add('dim').add('fact').check('relationships', ['fact', 'dim'])

  it('one that reads an asset outside the run waits, does not fail and blocks nothing', async () => {
    const project = shop().add('report', ['fact'])
    const { steps, result } = await project.materialize(['report'])
    expect([steps, result.outcome]).toEqual([['fact: built', 'report: built'], 'succeeded'])
  })

  it('one that reads a stale asset outside the run waits, even if that asset exists', async () => {
    const project = shop()
    await project.materialize()
    project.change('dim', { code: 'edited' }).change('fact', { code: 'edited' })
    expect((await project.materialize(['fact'])).steps).toEqual(['fact: built'])
  })

  it('one that waits runs if what it waits for turns out fresh', async () => {
    const project = new FakeProject().raw('raw').add('mid', ['raw'], { constant: 'same' })
    project.add('dim', ['mid']).add('fact', ['raw']).check('c', ['fact', 'dim'])
    await project.materialize()
    project.change('raw', { source: 'more' })
    const { plan, steps } = await project.materialize(['fact', 'mid'])
    expect(plan.waiting).toEqual([{ check: 'c', on: ['dim'] }])
    expect(steps).toEqual(['raw: built', 'mid: unchanged', 'fact: built', 'c: checked'])
  })

  it('one that was left out passes if what it waits for turns out fresh', async () => {
    const project = new FakeProject().raw('raw').add('mid', ['raw'], { constant: 'same' })
    project.add('a', ['mid']).policy('a', { dataVersion: 'derived' })
    project.add('below', ['a']).check('c', ['a'])
    await project.materialize()
    project.change('raw', { source: 'more' }).change('below', { code: 'edited' })
    const { steps } = await project.materialize(['raw', 'mid', 'below'], { only: true })
    expect(steps).toEqual(['raw: built', 'mid: unchanged', 'below: built'])
  })

  it('one that was added, edited, tightened or removed is seen', async () => {
    const project = new FakeProject().add('a').add('b', ['a'])
    await project.materialize()
    project.check('c', ['a'], { severity: 'warn', result: 'warn' })
    expect((await project.materialize()).steps).toEqual(['c: checked'])
    Object.assign(project.checks.get('c')!, { code: 'edited' })
    expect((await project.materialize()).steps).toEqual(['c: checked'])
    Object.assign(project.checks.get('c')!, { severity: 'error', result: 'fail' })
    project.change('b', { code: 'edited' })
    expect((await project.materialize()).steps).toEqual(['c: failed', 'b: blocked'])
    project.checks.delete('c')
    expect((await project.materialize()).steps).toEqual(['b: built'])
  })

  it('one that failed blocks assets of another kind below it, and their descendants', async () => {
    const project = new FakeProject().add('a').add('b', ['a'], { kind: 'command' }).add('c', ['b'])
    project.check('check', ['a'], { result: 'fail' })
    const { steps } = await project.materialize()
    expect(steps).toEqual(['a: built', 'check: failed', 'b: blocked', 'c: blocked'])
  })

  it('beginning one does not touch the record of what it reads', async () => {
    const project = new FakeProject().add('a').check('c', ['a'], { result: 'fail' })
    await project.materialize()
    expect(await stateOf(project, 'a')).toBe('fresh')
  })
})

describe('18, 19: what a check follows', () => {
  it('one that depends on the clock runs in each run, and is not stale in each status', async () => {
    const project = new FakeProject().add('a').check('recent', ['a'], { clock: true })
    await project.materialize()
    expect(await stateOf(project, 'recent')).toBe('fresh')
    expect((await project.materialize()).steps).toEqual(['recent: checked'])
  })

  it('a unit test follows code only', async () => {
    const project = new FakeProject().raw('raw').add('a', ['raw'])
    project.check('unit', ['a'], { codeOnly: true })
    await project.materialize()
    project.change('raw', { source: 'more' })
    expect((await project.materialize()).steps).toEqual(['raw: built', 'a: built'])
  })
})

describe('20: externals', () => {
  it('one that can not be read has its readers built in each run', async () => {
    const project = new FakeProject().external('file').add('t', ['file']).view('v', ['file'])
    project.change('file', { unreadable: true })
    await project.materialize()
    expect(await stateOf(project, 't')).toBe('stale: unknown')
    expect((await project.materialize()).steps).toEqual(['t: unchanged'])
  })
})

describe('21: always_new', () => {
  it.each(['external', 'view', 'table'])('%s: new in each run, not at each look', async (form) => {
    const project = new FakeProject().external('x').raw('raw')
    if (form === 'view') project.view('x', ['raw'])
    if (form === 'table') project.add('x', ['raw'])
    project.policy('x', { dataVersion: 'always_new' }).add('t', ['x'])
    await project.materialize()
    expect(await stateOf(project, 't')).toBe('fresh')
    project.now += 1_000
    expect(await stateOf(project, 't')).toBe('fresh')
    // A table is new when it is built; an external and a view are new in each run.
    const expected = form === 'table' ? [] : ['t: unchanged']
    expect((await project.materialize()).steps).toEqual(expected)
    expect((await project.materialize(['raw'])).steps).toEqual([])
    expect(await stateOf(project, 't')).toBe('fresh')
  })

  it('the version of a view that an unfinished run built again is unknown', async () => {
    const project = new FakeProject().view('x', []).view('y', ['x']).add('t', ['y'])
    for (const view of ['x', 'y']) project.policy(view, { dataVersion: 'always_new' })
    await project.materialize()
    expect(await stateOf(project, 't')).toBe('fresh')
    // Killed after the commit of `y`, before the run could say what is new.
    const committed = (at: number) => project.materializeUntil(at, ['y'], { forced: 'forced' })
    for (let at = 1; at < 100 && project.state.records.get('y')!.run === 1; at++)
      await committed(at)
    expect(await stateOf(project, 't')).toBe('stale: unknown')
    await project.materialize()
    expect(await stateOf(project, 't')).toBe('fresh')
  })

  it.each([0, 500_000, 120_000])('so it is if the clock was set back by %d ms', async (back) => {
    const project = new FakeProject().view('x', []).view('y', ['x']).add('t', ['y'])
    for (const view of ['x', 'y']) project.policy(view, { dataVersion: 'always_new' })
    await project.materialize()
    project.now -= back
    for (let at = 1; at < 100 && project.state.records.get('y')!.run === 1; at++)
      await project.materializeUntil(at, ['y'], { forced: 'forced' })
    expect(await stateOf(project, 't')).toBe('stale: unknown')
    project.now += back
    expect(await stateOf(project, 't')).toBe('stale: unknown')
  })

  it('a kind whose work leaves nothing to observe makes its change_token itself', () => {
    const seen = { content: 't:run 7', token: null, shape: null }
    expect(versionBy('change_token', seen, { state: 'unknown' }, 0)).toBe('t:run 7')
  })

  it('change_token goes by the token alone', async () => {
    const project = new FakeProject().external('x').add('t', ['x'])
    project.policy('x', { dataVersion: 'change_token' })
    await project.materialize()
    expect((await project.materialize()).steps).toEqual([])
    project.tables.set('x', 'file x')
    expect((await project.materialize()).steps).toEqual(['t: unchanged'])
  })
})
