import { describe, expect, it } from 'vitest'
import { FakeProject } from '../rig/fake-project.ts'
import { justBefore, stateOf } from './watching.ts'

/** The history after each "breaks:" of the rules of freshness, and the rules that have none. */

describe('1: read token, hash, token', () => {
  it('an input that changes between a build and the hash of a view is reported as changed', async () => {
    const project = new FakeProject()
      .add('raw')
      .view('v', ['raw'])
      .add('t', ['v'])
      .policy('raw', { onDrift: 'adopt' })
    // T is built, and then, before the batch is looked over, raw moves and V shows it.
    project.onBuilt = (name) => {
      if (name === 't') project.tables.set('raw', 'synced by others')
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

  it('an input that changed and changed back during a run is recorded as unknown', async () => {
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

  it('what a view shows is not remembered if an input moved before it was hashed', async () => {
    const project = new FakeProject().external('file', 'one').view('v', ['file']).add('t', ['v'])
    project.onBuilt = (name) => {
      if (name === 'v') project.tables.set('file', 'two')
    }
    await project.materialize()
    project.onBuilt = () => {}
    await project.materialize()
    project.tables.set('file', 'one')
    expect(await stateOf(project, 't')).toBe('pending')
    await project.materialize()
    expect(project.tables.get('t')).toBe(project.wouldHold('t'))
  })

  it('assets of one call are recorded after their inputs, in whatever order the call reports', async () => {
    const project = new FakeProject().add('a').add('b', ['a']).check('c', ['b'])
    project.reportsInReverse = true
    expect((await project.materialize()).steps).toEqual(['a: built', 'b: built', 'c: checked'])
    const { records, checks } = project.state
    const { dataVersion } = records.get('a')!
    expect(records.get('b')!.inputs[0]!.version).toBe(dataVersion)
    expect(checks.get('c')!.inputs[0]!.version).toBe(records.get('b')!.dataVersion)
    expect((await project.materialize()).steps).toEqual([])
  })

  it('an asset that read a view while it was redefined by hand is built again', async () => {
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

  it('a view that shows earlier content again has a known version, without another hash', async () => {
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

describe('4: what a view was created against', () => {
  it('a view over a table that moved to another relation is replaced', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).view('v', ['t'])
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    const { steps } = await project.materialize()
    expect(steps).toContain('v: unchanged')
    expect(project.views.get('v')!.reads[0]).toMatchObject({ relation: 'elsewhere' })
  })

  it('is known before the table is built there, also through an ephemeral', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).view('v', ['t'])
    project.ephemeral('e', ['t']).view('w', ['e'])
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    expect(await stateOf(project, 'v')).toBe('stale: deps')
    expect(await stateOf(project, 'w')).toBe('stale: deps')
  })

  it('so is one over a view that moved, even if the content of that view was not hashed', async () => {
    const project = new FakeProject().raw('raw').view('v', ['raw']).view('w', ['v'])
    await project.materialize()
    project.change('v', { alias: 'elsewhere' })
    // Killed after the commit of `v`, before its content was hashed.
    for (let at = 1; at < 100 && project.state.records.get('v')!.run === 1; at++) {
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

  it('a view that is worked out from data is replaced when that data changes', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    project.view('v', ['t'], { pivots: true }).add('u', ['v'])
    await project.materialize()
    project.change('raw', { source: 'more rows' })
    expect(await stateOf(project, 'v')).toBe('pending')
    await project.materialize()
    expect(project.see('v')).toBe(project.wouldHold('v'))
    expect([await stateOf(project, 'v'), await stateOf(project, 'u')]).toEqual(['fresh', 'fresh'])
    project.change('t', { code: 'other code', constant: null })
    expect((await project.materialize(['v'])).steps).toEqual(['t: built', 'v: built'])
  })

  it('so is one that inlines an ephemeral that is worked out from data', async () => {
    const project = new FakeProject().raw('raw').ephemeral('e', ['raw'], { pivots: true })
    project.ephemeral('f', ['e']).view('v', ['f']).view('w', ['raw'])
    await project.materialize()
    project.change('raw', { source: 'more rows' })
    const { steps } = await project.materialize()
    expect(steps).toEqual(['raw: built', 'v: built'])
    expect(project.see('v')).toBe(project.wouldHold('v'))
    expect(await stateOf(project, 'v')).toBe('fresh')
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

  it('their statement is compared even if the content of their inputs was unknown', async () => {
    const project = new FakeProject().external('file').ephemeral('e', ['file']).view('v', ['e'])
    project.change('file', { unreadable: true })
    await project.materialize()
    expect(await stateOf(project, 'v')).toBe('fresh')
    project.change('e', { code: 'edited' })
    expect(await stateOf(project, 'v')).toBe('stale: deps')
  })

  it('join the call of the assets that they connect', async () => {
    const project = new FakeProject().add('a').ephemeral('e', ['a']).add('b', ['e'])
    expect((await project.materialize()).batches).toEqual([['a', 'b']])
  })
})

describe('7: outside the run', () => {
  it('an input counts as what exists now, so a full run rebuilds what differs', async () => {
    const project = new FakeProject().raw('raw').add('a', ['raw']).add('b', ['a'])
    await project.materialize()
    project.tables.set('a', 'edited')
    expect((await project.materialize(['b'], { only: true })).steps).toEqual(['b: built'])
    expect((await project.materialize()).steps).toEqual(['a: unchanged', 'b: built'])
  })

  const modes = ['content', 'derived'] as const
  it.each(modes)('the version of a view that is not fresh is unknown', async (dataVersion) => {
    const project = new FakeProject().raw('raw').view('v', ['raw']).add('t', ['v'])
    project.policy('v', { dataVersion })
    await project.materialize()
    project.change('v', { code: 'edited' }).change('t', { code: 'edited' })
    await project.materialize(['t'], { only: true })
    expect((await project.materialize()).steps).toEqual(['v: built', 't: built'])
  })

  it('its recorded version does not count: it may show other data now', async () => {
    const project = new FakeProject().raw('raw', 'one').view('v', ['raw']).add('t', ['v'])
    await project.materialize()
    project.change('raw', { source: 'two' })
    await project.materialize(['raw'])
    project.change('v', { code: 'edited' })
    await project.materialize(['t'], { only: true, forced: 'forced' })
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

  it('what is excluded is not built, not even as an ancestor', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    await project.materialize()
    project.change('raw', { source: 'more' })
    const { steps } = await project.materialize(['t'], { excluded: new Set(['raw']) })
    expect(steps).toEqual([])
  })

  it('an ephemeral over a table that does not exist blocks its readers', async () => {
    const project = new FakeProject().raw('raw').ephemeral('e', ['raw']).add('t', ['e'])
    expect((await project.materialize(['t'], { only: true })).steps).toEqual(['t: blocked'])
  })

  it('a gate that has not passed blocks, even if it was left out', async () => {
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

  it('offline says what online said, also after the clock was set back and has caught up', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).external('file')
    project.add('u', ['file'])
    await project.materialize()
    await project.status()
    project.now -= 500_000
    project.tables.set('t', 'edited')
    project.tables.set('file', 'another file')
    const online = await project.status()
    expect(online.get('t')?.state).toBe('stale')
    expect(online.get('u')?.state).toBe('stale')
    expect(await project.status('offline')).toEqual(online)
    project.now += 500_000
    expect(await project.status('offline')).toEqual(online)
  })

  it('a written table whose version is not its content has drifted', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    project.policy('t', { dataVersion: 'derived' })
    await project.materialize()
    project.tables.set('t', 'edited')
    expect(await stateOf(project, 't')).toBe('stale: drifted')
  })

  it('and deletes the observation when the asset matches its record again', async () => {
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
