import { describe, expect, it } from 'vitest'
import { FakeProject } from '../rig/fake-project.ts'
import { justBefore, stateOf } from './watching.ts'

/** The history after each "breaks:" of the rules of freshness, and the rules that have none. */

describe('10: incremental assets and snapshots', () => {
  const continued = () =>
    new FakeProject().raw('raw', 'one').add('inc', ['raw'], { accumulates: 'incremental' })
  const pieces = (project: FakeProject, name = 'inc') =>
    (project.tables.get(name) ?? '').split(',').length

  it('an incremental asset is continued for new data', async () => {
    const project = continued()
    await project.materialize()
    project.change('raw', { source: 'two' })
    await project.materialize()
    expect(pieces(project)).toBe(2)
  })

  it('an incremental asset that was edited by hand is built in full', async () => {
    const project = continued()
    await project.materialize()
    project.tables.set('inc', 'edited')
    project.change('raw', { source: 'two' })
    await project.materialize()
    expect(project.tables.get('inc')).toBe(project.wouldHold('inc'))
  })

  it('is built in full after a change of code, unless its policy keeps history', async () => {
    const project = continued()
    await project.materialize()
    project.change('inc', { code: 'edited' }).change('raw', { source: 'two' })
    await project.materialize()
    expect(pieces(project)).toBe(1)
    project.policy('inc', { onCode: 'keep_history' }).change('inc', { code: 'again' })
    await project.materialize()
    expect(pieces(project)).toBe(2)
  })

  it('half of a failed build is not continued', async () => {
    const project = continued()
    await project.materialize()
    project.change('inc', { fails: true, leavesHalf: true }).change('raw', { source: 'two' })
    await project.materialize()
    project.change('inc', { fails: false })
    await project.materialize()
    expect(project.tables.get('inc')).toBe(project.wouldHold('inc'))
  })

  it('a first build that was killed after it wrote is not continued under other code', async () => {
    const project = continued()
    project.state.beforeWrite = () => {}
    const points: number[] = []
    project.onBuilt = (name) => {
      if (name === 'inc') points.push(0)
    }
    project.onPoint = () => {
      if (points.length > 0) throw new Error('killed')
    }
    await project.materialize().catch(() => null)
    project.onPoint = () => {}
    expect(project.state.records.has('inc')).toBe(false)
    project.change('inc', { code: 'edited' })
    await project.materialize()
    expect(project.tables.get('inc')).toBe(project.wouldHold('inc'))
  })

  it('a table without a record is continued, not dropped', async () => {
    const project = continued()
    project.tables.set('inc', 'history of ours]')
    project.columns.set('inc', 'id')
    await project.materialize()
    expect(project.tables.get('inc')).toContain('history of ours')
  })

  it('a snapshot that is gone is a problem, until a new history is asked for', async () => {
    const project = new FakeProject().raw('raw').add('snap', ['raw'], { accumulates: 'snapshot' })
    await project.materialize()
    project.drop('snap')
    const { steps, result } = await project.materialize()
    expect([steps, result.outcome]).toEqual([['snap: failed'], 'failed'])
    expect(project.tables.has('snap')).toBe(false)
    await project.materialize(['snap'], { forced: 'full_refresh' })
    expect(await stateOf(project, 'snap')).toBe('fresh')
  })

  it('a snapshot that was edited is adopted', async () => {
    const project = new FakeProject().raw('raw').add('snap', ['raw'], { accumulates: 'snapshot' })
    await project.materialize()
    project.tables.set('snap', 'edited')
    expect((await project.materialize()).steps).toEqual(['snap: adopted'])
  })
})

describe('11: units', () => {
  const streams = () =>
    new FakeProject()
      .raw('a', 'rows', { unit: 'connection' })
      .raw('b', 'rows', { unit: 'connection' })
      .add('below_a', ['a'])

  it('one stale stream has all of them begun and committed, selected or not', async () => {
    const project = streams()
    await project.materialize()
    project.change('a', { source: 'more' })
    const { batches, steps } = await project.materialize(['below_a'])
    expect(batches[0]).toEqual(['a', 'b'])
    expect(steps.toSorted()).toEqual(['a: built', 'b: unchanged', 'below_a: built'])
  })

  it('no call is made while all are fresh', async () => {
    const project = streams()
    await project.materialize()
    expect((await project.materialize()).batches).toEqual([])
  })

  it('a failed stream that was not requested is reported and does not fail the run', async () => {
    const project = streams().change('b', { fails: true })
    const { steps, result } = await project.materialize(['below_a'])
    expect(steps.toSorted()).toEqual(['a: built', 'b: failed', 'below_a: built'])
    expect(result.outcome).toBe('succeeded')
  })

  it('drift that is adopted makes no call', async () => {
    const project = streams().policy('b', { onDrift: 'adopt' })
    await project.materialize()
    project.tables.set('b', 'edited')
    const { steps, batches } = await project.materialize()
    expect([steps, batches]).toEqual([['b: adopted'], []])
  })

  it('drift that would be adopted is built over when the call is made for another', async () => {
    const project = streams().policy('b', { onDrift: 'adopt' })
    await project.materialize()
    project.tables.set('b', 'edited')
    project.change('a', { source: 'more' })
    expect((await project.materialize()).steps).toContain('b: unchanged')
  })
})

describe('12: freshness', () => {
  const HOUR = 3_600_000
  it('a source that can not be asked expires a little before its age', async () => {
    const project = new FakeProject().raw('raw', 'rows', { probed: 'no' })
    project.policy('raw', { freshness: { maxAge: HOUR } })
    await project.materialize()
    project.now += 0.94 * HOUR
    expect(await stateOf(project, 'raw')).toBe('fresh')
    project.now += 0.02 * HOUR
    expect(await stateOf(project, 'raw')).toBe('stale: expired')
  })

  it.each([
    ['proof', 'fresh'],
    ['cursor', 'stale: expired'],
  ] as const)(
    'that a source is unchanged outweighs an age if it is a proof (%s)',
    async (probed, then) => {
      const project = new FakeProject().raw('raw', 'rows', { probed })
      project.policy('raw', { freshness: { maxAge: HOUR } })
      await project.materialize()
      expect(await stateOf(project, 'raw')).toBe('fresh')
      project.now += 2 * HOUR
      expect(await stateOf(project, 'raw')).toBe(then)
      await project.materialize()
      expect(await stateOf(project, 'raw')).toBe('fresh')
    },
  )

  it('a source that is unchanged as far as a cursor tells is fresh without a policy, at any age', async () => {
    const project = new FakeProject().raw('raw', 'rows', { probed: 'cursor' })
    await project.materialize()
    project.now += 1000 * HOUR
    expect(await stateOf(project, 'raw')).toBe('fresh')
    expect((await project.materialize()).steps).toEqual([])
  })

  it.each([
    ['max_age', { maxAge: HOUR }],
    ['cron', { cron: '0 2 * * *', timezone: 'UTC' }],
  ])('a load from the future has expired (%s)', async (_, freshness) => {
    const project = new FakeProject().raw('raw', 'rows', { probed: 'no' })
    project.policy('raw', { freshness })
    await project.materialize()
    expect(await stateOf(project, 'raw')).toBe('fresh')
    project.now -= 0.1 * HOUR
    expect(await stateOf(project, 'raw')).toBe('stale: expired')
    // The next load is dated by the clock as it is now.
    expect((await project.materialize()).steps).toEqual(['raw: unchanged'])
    expect(await stateOf(project, 'raw')).toBe('fresh')
  })

  it('adoption does not make an asset younger', async () => {
    const project = new FakeProject().raw('raw', 'rows', { probed: 'no' })
    project.policy('raw', { freshness: { maxAge: HOUR }, onDrift: 'adopt' })
    await project.materialize()
    project.now += 0.6 * HOUR
    project.tables.set('raw', 'edited')
    await project.materialize()
    project.now += 0.6 * HOUR
    expect(await stateOf(project, 'raw')).toBe('stale: expired')
  })
})

describe('13: adopt', () => {
  it('waits for the inputs: if one of them changed, the asset is built instead', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).policy('t', { onDrift: 'adopt' })
    await project.materialize()
    project.tables.set('t', 'edited')
    project.change('raw', { source: 'more' })
    expect((await project.materialize()).steps).toEqual(['raw: built', 't: built'])
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
  })
})

describe('14: interrupted and resume', () => {
  it('wherever a run dies, the same command finishes it and repeats nothing committed', async () => {
    const make = () =>
      new FakeProject()
        .raw('raw')
        .view('v', ['raw'])
        .add('a', ['v'])
        .add('b', ['a'])
        .check('c', ['a'])
        .add('d', ['b', 'v'])
    const points = await countPoints(make())
    for (let point = 0; point < points; point++) {
      const project = make()
      expect(await project.materializeUntil(point)).toBe(null)
      const committed = [...project.state.records.keys(), ...project.state.checks.keys()]
      const { result, steps } = await project.materialize()
      expect(result.outcome).toBe('succeeded')
      for (const name of committed)
        expect(steps).not.toContainEqual(expect.stringMatching(`^${name}: (?!released)`))
      expect((await project.materialize()).steps).toEqual([])
    }
  })

  it('a build that was begun and not committed is repeated, even if its code was restored', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    await project.materialize()
    project.change('t', { code: 'edited' })
    project.onBuilt = () => {
      project.onPoint = () => {
        throw new Error('killed')
      }
    }
    await project.materialize().catch(() => null)
    project.onBuilt = () => {}
    project.onPoint = () => {}
    project.change('t', { code: 'code of t' })
    await project.materialize()
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
  })

  it('the token of the warehouse proves nothing while a record does not match', async () => {
    const project = new FakeProject().add('a').add('b')
    project.warehouse = { resource: null }
    await project.materialize()
    project.tables.set('a', 'edited')
    project.tables.set('b', 'edited')
    await project.materialize(['a'])
    expect(await stateOf(project, 'b')).toBe('stale: drifted')
  })

  it('the token of the warehouse proves nothing of what left the project and came back', async () => {
    const project = new FakeProject().add('t').external('x').add('of_x', ['x']).add('other')
    project.warehouse = { resource: null }
    await project.materialize()
    const all = [...project.assets]
    for (const name of ['t', 'x', 'of_x']) project.assets.delete(name)
    project.tables.set('t', 'edited').set('x', 'other rows')
    project.change('other', { code: 'edited' })
    await project.materialize()
    for (const [name, asset] of all) project.assets.set(name, asset)
    expect(await stateOf(project, 't')).toBe('stale: drifted')
    expect(await stateOf(project, 'of_x')).toBe('stale: data')
    expect(await stateOf(project, 'other')).toBe('fresh')
  })

  it('what was begun is stale, even if nothing was written', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    await project.materialize()
    project.change('t', { code: 'edited' })
    justBefore(project, 't', () => {
      throw new Error('killed')
    })
    await project.materialize().catch(() => null)
    project.change('t', { code: 'code of t' })
    expect(await stateOf(project, 't')).toBe('stale: interrupted')
  })

  async function countPoints(project: FakeProject): Promise<number> {
    let points = 0
    project.onPoint = () => {
      points += 1
    }
    await project.materialize()
    return points
  }
})

describe('15: --force', () => {
  it('applies to the named assets until they are committed; the plain command finishes it', async () => {
    const project = new FakeProject().raw('raw').add('a', ['raw']).add('b', ['raw'])
    await project.materialize()
    project.change('b', { fails: true })
    expect((await project.materialize(['a', 'b'], { forced: 'forced' })).steps).toEqual([
      'a: unchanged',
      'b: failed',
    ])
    project.change('b', { fails: false })
    expect((await project.materialize()).steps).toEqual(['b: unchanged'])
    expect(project.state.forced.size).toBe(0)
  })

  it('runs a check that was named', async () => {
    const project = new FakeProject().add('a').check('c', ['a'])
    await project.materialize()
    expect((await project.materialize(['c'], { forced: 'forced' })).steps).toEqual(['c: checked'])
    expect((await project.materialize()).steps).toEqual([])
  })
})

describe('16: law 1, exactly', () => {
  it('reports inputs that changed during the run', async () => {
    const project = new FakeProject().external('file').add('t', ['file'])
    justBefore(project, 't', () => project.tables.set('file', 'moved'))
    const { events, result } = await project.materialize()
    expect(result.outcome).toBe('succeeded')
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'notice', message: expect.stringContaining('file') }),
    )
  })
})
