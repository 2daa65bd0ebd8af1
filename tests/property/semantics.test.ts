import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../framework/model/verdict.ts'
import { versionBy } from '../../framework/staleness/mode.ts'
import { FakeProject } from '../rig/fake-project.ts'

/** The history after each "breaks:" of the rules of freshness, and the rules that have none. */

async function stateOf(project: FakeProject, name: string): Promise<string> {
  const verdict: Verdict = (await project.status()).get(name)!
  return verdict.state === 'stale'
    ? `stale: ${verdict.reasons.map((reason) => reason.reason).join()}`
    : verdict.state
}

/** Does something just before the point of a run at which an asset is built. */
function justBefore(project: FakeProject, name: string, act: () => void): void {
  project.onBuild = (built) => {
    if (built === name) act()
    project.onBuild = built === name ? () => {} : project.onBuild
  }
}

describe('1: read token, hash, token', () => {
  it('a table that moves after T is built and before V is hashed is not said to have been seen', async () => {
    const project = new FakeProject()
      .add('raw')
      .view('v', ['raw'])
      .add('t', ['v'])
      .policy('raw', { onDrift: 'adopt' })
    // T is built, and then, before the batch is looked over, raw moves and V shows it.
    project.onBuilt = (name) => {
      if (name === 't') project.tables.set('raw', 'synced by somebody else')
    }
    const { events } = await project.materialize()
    project.onBuilt = () => {}
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'notice', message: expect.stringContaining('raw changed') }),
    )
    const { steps } = await project.materialize()
    expect(steps).toEqual(['raw: adopted', 'v: built', 't: built'])
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
  })

  it('an input that moved and moved back is recorded as unknown', async () => {
    const project = new FakeProject().external('file').add('t', ['file']).add('u', ['t'])
    justBefore(project, 't', () => project.tables.set('file', 'for a moment'))
    project.onBuilt = (name) => {
      if (name === 't') project.tables.set('file', 'file file')
    }
    await project.materialize()
    project.onBuilt = () => {}
    expect(await stateOf(project, 't')).toBe('stale: unknown')
    await project.materialize()
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
    expect(await stateOf(project, 't')).toBe('fresh')
  })

  it('what was read below a view that was shown by hand for a moment is built again', async () => {
    const project = new FakeProject().raw('raw').view('v', ['raw']).add('t', ['v'])
    const byHand = { is: 'select', code: 'x', constant: 'x', columns: 'id', reads: [] } as const
    justBefore(project, 't', () => project.views.set('v', byHand))
    await project.materialize()
    await project.materialize()
    await project.materialize()
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
  })
})

describe('2: content covers what readers see', () => {
  it('a renamed column is another content', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    await project.materialize()
    project.change('raw', { columns: 'id, renamed' })
    expect((await project.materialize()).steps).toEqual(['raw: built', 't: built'])
  })
})

describe('3: the key of a view', () => {
  it('a view whose code was edited is not hashed under its new key before it is installed', async () => {
    const project = new FakeProject().raw('raw').view('v', ['raw']).add('t', ['v'])
    await project.materialize()
    project.change('v', { code: 'edited' })
    const { steps } = await project.materialize(['t'])
    expect(steps).toEqual(['v: built', 't: built'])
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
  })

  it('a view that went back to what it showed is known again, without a look', async () => {
    const project = new FakeProject().raw('raw', 'one').view('v', ['raw']).add('t', ['v'])
    await project.materialize()
    project.change('raw', { source: 'two' })
    await project.materialize(['raw'])
    expect(await stateOf(project, 't')).toBe('pending')
    project.change('raw', { source: 'one' })
    await project.materialize(['raw'])
    expect(await stateOf(project, 't')).toBe('fresh')
  })
})

describe('4: what a view was written against', () => {
  it('a view over a table that moved to another name is written anew', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).view('v', ['t'])
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    const { steps } = await project.materialize()
    expect(steps).toContain('v: unchanged')
    expect(project.views.get('v')!.reads[0]).toMatchObject({ relation: 'elsewhere' })
  })

  it('so is one over a view that moved, though nobody looked at what that one shows', async () => {
    const project = new FakeProject().raw('raw').view('v', ['raw']).view('w', ['v'])
    await project.materialize()
    project.change('v', { alias: 'elsewhere' })
    // Killed after the commit of `v`, before its content was looked at.
    for (let at = 1; project.state.records.get('v')!.run === 1; at++) {
      await project.materializeUntil(at, ['v'], {})
    }
    expect(await stateOf(project, 'v')).toBe('fresh')
    expect(await stateOf(project, 'w')).toBe('stale: deps')
  })

  it('so is one that reaches the table through an ephemeral', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).ephemeral('e', ['t'])
    project.view('v', ['e'])
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    await project.materialize()
    expect(JSON.stringify(project.views.get('v'))).toContain('elsewhere')
    expect(await stateOf(project, 'v')).toBe('fresh')
  })

  it('so is one below a table with other columns, which would fail', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).view('v', ['t']).add('u', ['v'])
    await project.materialize()
    project.change('t', { columns: 'id, more' })
    expect((await project.materialize()).result.outcome).toBe('succeeded')
    expect(project.see('v')).not.toBe(null)
  })

  it('a view that was redefined by hand has drifted', async () => {
    const project = new FakeProject()
      .raw('raw')
      .view('v', ['raw'])
      .policy('v', { onDrift: 'adopt' })
    await project.materialize()
    project.views.set('v', { ...project.views.get('v')!, code: 'by hand' })
    expect(await stateOf(project, 'v')).toBe('stale: drifted')
    expect((await project.materialize()).steps).toEqual(['v: unchanged'])
  })
})

describe('5: ephemerals', () => {
  it('are always fresh, and their code is data to a table and a definition to a view', async () => {
    const project = new FakeProject().raw('raw').ephemeral('e', ['raw'])
    project.add('t', ['e']).view('v', ['e'])
    await project.materialize()
    project.change('e', { code: 'edited' })
    expect(await stateOf(project, 'e')).toBe('fresh')
    expect(await stateOf(project, 't')).toBe('stale: data')
    expect(await stateOf(project, 'v')).toBe('stale: deps')
    await project.materialize()
    expect(project.shownDefinition('v')).toContain('edited')
  })

  it('join the call of what they stand between', async () => {
    const project = new FakeProject().add('a').ephemeral('e', ['a']).add('b', ['e'])
    expect((await project.materialize()).batches).toEqual([['a', 'b']])
  })
})

describe('7: outside the run', () => {
  it('inputs count at what is there, so a run of all builds again what differs', async () => {
    const project = new FakeProject().raw('raw').add('a', ['raw']).add('b', ['a'])
    await project.materialize()
    project.tables.set('a', 'edited')
    expect((await project.materialize(['b'], { only: true })).steps).toEqual(['b: built'])
    expect((await project.materialize()).steps).toEqual(['a: unchanged', 'b: built'])
  })

  it('a view that is not fresh shows nothing that could be recorded', async () => {
    const project = new FakeProject().raw('raw').view('v', ['raw']).add('t', ['v'])
    await project.materialize()
    project.change('v', { code: 'edited' }).change('t', { code: 'edited' })
    await project.materialize(['t'], { only: true })
    expect((await project.materialize()).steps).toEqual(['v: built', 't: built'])
  })

  it('nor what its record says: it may show other data by now', async () => {
    const project = new FakeProject().raw('raw', 'one').view('v', ['raw']).add('t', ['v'])
    await project.materialize()
    project.change('raw', { source: 'two' })
    await project.materialize(['raw'])
    project.change('v', { code: 'edited' })
    await project.materialize(['t'], { only: true, mark: 'forced' })
    project.change('v', { code: 'code of v' }).change('raw', { source: 'one' })
    await project.materialize()
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
  })

  it('a view that was left out still shows what the run builds', async () => {
    const project = new FakeProject().raw('raw').view('v', ['raw']).add('t', ['v'])
    await project.materialize()
    project.change('raw', { source: 'more' })
    const { steps } = await project.materialize(undefined, { excluded: new Set(['v']) })
    expect(steps).toEqual(['raw: built', 't: built'])
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
    expect((await project.materialize()).steps).toEqual([])
  })

  it('a gate that has not passed blocks, also when it was left out', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).check('c', ['raw'])
    await project.materialize(['raw'], { excluded: new Set(['c']) })
    const { steps } = await project.materialize(['t'], { only: true })
    expect(steps).toEqual(['t: blocked'])
  })
})

describe('9: what was observed is recorded', () => {
  it.each([
    ['an edited table', (p: FakeProject) => p.tables.set('t', 'edited')],
    ['a dropped table', (p: FakeProject) => p.drop('t')],
    ['a redefined view', (p: FakeProject) => p.views.set('v', { ...p.views.get('v')!, code: 'x' })],
    ['a source that moved', (p: FakeProject) => p.change('raw', { source: 'more' })],
    ['an external that is gone', (p: FakeProject) => p.drop('file')],
    ['an external that is locked', (p: FakeProject) => p.change('file', { unreadable: true })],
  ])('offline says what online said of %s', async (_, act) => {
    const project = new FakeProject().raw('raw').external('file')
    project.add('t', ['raw', 'file']).view('v', ['raw'])
    await project.materialize()
    act(project)
    const isOpen = async (look: 'online' | 'offline') =>
      [...(await project.status(look))].flatMap(([name, { state }]) =>
        state === 'stale' ? [name] : [],
      )
    expect(await isOpen('offline')).toEqual([])
    const online = await isOpen('online')
    expect(online).not.toEqual([])
    expect(await isOpen('offline')).toEqual(online)
  })

  it('and forgets it when it is as recorded again', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    await project.materialize()
    const content = project.tables.get('t')!
    project.tables.set('t', 'edited')
    await project.status()
    project.tables.set('t', content)
    await project.status()
    expect((await project.status('offline')).get('t')?.state).toBe('fresh')
  })
})

describe('10: what builds on its own content', () => {
  const continued = () =>
    new FakeProject().raw('raw', 'one').add('inc', ['raw'], { accumulates: 'incremental' })
  const pieces = (project: FakeProject, name = 'inc') =>
    (project.tables.get(name) ?? '').split(',').length

  it('goes on for new data', async () => {
    const project = continued()
    await project.materialize()
    project.change('raw', { source: 'two' })
    await project.materialize()
    expect(pieces(project)).toBe(2)
  })

  it('an edit by hand is not laundered by an increment on top', async () => {
    const project = continued()
    await project.materialize()
    project.tables.set('inc', 'edited')
    project.change('raw', { source: 'two' })
    await project.materialize()
    expect(project.tables.get('inc')).toBe(project.wouldHold('inc'))
  })

  it('starts anew for other code, unless history is kept', async () => {
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
    await project.materialize(['snap'], { mark: 'full_refresh' })
    expect(await stateOf(project, 'snap')).toBe('fresh')
  })

  it('a snapshot that was edited is taken as it is', async () => {
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

  it('a stream that fails unasked is told and does not fail the run', async () => {
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
    const project = new FakeProject().raw('raw', 'rows', { probed: false })
    project.policy('raw', { freshness: { maxAge: HOUR } })
    await project.materialize()
    project.now += 0.94 * HOUR
    expect(await stateOf(project, 'raw')).toBe('fresh')
    project.now += 0.02 * HOUR
    expect(await stateOf(project, 'raw')).toBe('stale: expired')
  })

  it('what is adopted is no younger for it', async () => {
    const project = new FakeProject().raw('raw', 'rows', { probed: false })
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
  it('waits for the inputs: one that changed asks for a build after all', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).policy('t', { onDrift: 'adopt' })
    await project.materialize()
    project.tables.set('t', 'edited')
    project.change('raw', { source: 'more' })
    expect((await project.materialize()).steps).toEqual(['raw: built', 't: built'])
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
  })
})

describe('14: interrupted and resume', () => {
  it('at whatever point a run dies, the same command ends it and repeats nothing committed', async () => {
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

  it('what was begun and not committed is built again, also when it is back as it was', async () => {
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
  it('marks what was named until it is committed; the plain command finishes it', async () => {
    const project = new FakeProject().raw('raw').add('a', ['raw']).add('b', ['raw'])
    await project.materialize()
    project.change('b', { fails: true })
    expect((await project.materialize(['a', 'b'], { mark: 'forced' })).steps).toEqual([
      'a: unchanged',
      'b: failed',
    ])
    project.change('b', { fails: false })
    expect((await project.materialize()).steps).toEqual(['b: unchanged'])
    expect(project.state.marks.size).toBe(0)
  })

  it('runs a check that was named', async () => {
    const project = new FakeProject().add('a').check('c', ['a'])
    await project.materialize()
    expect((await project.materialize(['c'], { mark: 'forced' })).steps).toEqual(['c: checked'])
    expect((await project.materialize()).steps).toEqual([])
  })
})

describe('16: law 1, exactly', () => {
  it('names what moved while the run was on', async () => {
    const project = new FakeProject().external('file').add('t', ['file'])
    justBefore(project, 't', () => project.tables.set('file', 'moved'))
    const { events, result } = await project.materialize()
    expect(result.outcome).toBe('succeeded')
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'notice', message: expect.stringContaining('file') }),
    )
  })
})

describe('17: checks', () => {
  const shop = () =>
    new FakeProject().add('dim').add('fact').check('relationships', ['fact', 'dim'])

  it('one that reads what was not asked for waits, and fails and blocks nobody', async () => {
    const project = shop().add('report', ['fact'])
    const { steps, result } = await project.materialize(['report'])
    expect([steps, result.outcome]).toEqual([['fact: built', 'report: built'], 'succeeded'])
  })

  it('one that reads what is stale and left out waits too, whatever can be seen there', async () => {
    const project = shop()
    await project.materialize()
    project.change('dim', { code: 'edited' }).change('fact', { code: 'edited' })
    expect((await project.materialize(['fact'])).steps).toEqual(['fact: built'])
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

  it('one that failed holds up what another kind builds below it, and what is below that', async () => {
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
  it('one that names the clock runs in each run, and is not due at each look', async () => {
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
    // A table is new when it is built; what is only looked at is new whenever it is.
    const expected = form === 'table' ? [] : ['t: unchanged']
    expect((await project.materialize()).steps).toEqual(expected)
    expect((await project.materialize(['raw'])).steps).toEqual([])
    expect(await stateOf(project, 't')).toBe('fresh')
  })

  it('a view that was built again by a run that never ended shows nothing that is known', async () => {
    const project = new FakeProject().view('x', []).view('y', ['x']).add('t', ['y'])
    for (const view of ['x', 'y']) project.policy(view, { dataVersion: 'always_new' })
    await project.materialize()
    expect(await stateOf(project, 't')).toBe('fresh')
    // Killed after the commit of `y`, before the run could say what is new.
    const committed = (at: number) => project.materializeUntil(at, ['y'], { mark: 'forced' })
    for (let at = 1; project.state.records.get('y')!.run === 1; at++) await committed(at)
    expect(await stateOf(project, 't')).toBe('stale: unknown')
    await project.materialize()
    expect(await stateOf(project, 't')).toBe('fresh')
  })

  it('change_token is what a kind says it is, where there is nothing to look at', () => {
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
