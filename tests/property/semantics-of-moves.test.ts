import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../framework/model/event.ts'
import { FakeProject, type Ran } from '../rig/fake-project.ts'

/** What a run said about old places: `t dropped`, `t remains: why`. */
const left = (events: readonly RunEvent[]) =>
  events.flatMap((event) =>
    event.event === 'leftover'
      ? [`${event.place} ${event.outcome}${event.because === null ? '' : `: ${event.because}`}`]
      : [],
  )
const leftBy = ({ events }: Ran) => left(events)

const reasonsOf = async (
  project: FakeProject,
  name: string,
  look: 'online' | 'offline' = 'online',
) => {
  const verdict = (await project.status(look)).get(name)!
  return verdict.state === 'stale' ? verdict.reasons.map(({ message }) => message) : [verdict.state]
}

/** A table `t` over `raw`, in a warehouse of its own whose change token is known. */
const withTable = (resource: string | null = null) => {
  const project = new FakeProject().raw('raw').add('t', ['raw'])
  project.warehouse = { resource }
  return project
}

/** The names of what a run built in full, and on top. */
const watchBuilds = (project: FakeProject) => {
  const builds: string[] = []
  project.onBuild = (name, full) => builds.push(`${name} ${full ? 'in full' : 'on top'}`)
  return builds
}

const stateOf = async (project: FakeProject) => {
  const snapshot = await project.state.snapshot()
  if (!snapshot.ok) throw new Error('the state in memory can always be read')
  return snapshot.value
}

/** The histories of rule 27. */
describe('27a: a relation that moved is another relation', () => {
  const moved = 'it belongs at elsewhere now; run 1 built it at t'

  it('a table that belongs at another relation is missing, although the warehouse did not change', async () => {
    const project = withTable()
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    expect(await reasonsOf(project, 't')).toEqual([moved])
    expect((await project.materialize()).steps).toContain('t: unchanged')
    expect(project.tables.has('elsewhere')).toBe(true)
  })

  it('so it is offline', async () => {
    const project = withTable()
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    expect(await reasonsOf(project, 't', 'offline')).toEqual([moved])
  })

  it('a table that someone else has there is neither drift nor adopted', async () => {
    const project = withTable().policy('t', { onDrift: 'adopt' })
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    project.tables.set('elsewhere', project.tables.get('t')!)
    expect(await reasonsOf(project, 't')).toEqual([moved])
    expect((await project.materialize()).steps).toContain('t: unchanged')
  })

  it('what was observed at the other relation is forgotten when the change is undone', async () => {
    const project = withTable()
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    await project.status()
    project.change('t', { alias: null })
    expect(await reasonsOf(project, 't', 'offline')).toEqual(['fresh'])
    expect(await reasonsOf(project, 't')).toEqual(['fresh'])
  })

  it('its new relation is absent outside the run, so its readers are blocked', async () => {
    const project = withTable().add('below', ['t'])
    await project.materialize()
    project.change('t', { alias: 'elsewhere' }).change('below', { code: 'edited' })
    const { steps } = await project.materialize(['below'], { only: true })
    expect(steps).toEqual(['below: blocked'])
  })

  it('the token of the warehouse is not kept while a record is of another relation', async () => {
    const project = withTable()
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    // Someone has the same table there.
    project.tables.set('elsewhere', project.tables.get('t')!)
    project.columns.set('elsewhere', project.columns.get('t')!)
    await project.materialize(['raw'])
    expect((await stateOf(project)).changeTokens.size).toBe(0)
  })
})

describe('27b: an external at another relation was not observed', () => {
  it('its readers see what is there', async () => {
    const project = new FakeProject().external('x').add('t', ['x'])
    project.warehouse = { resource: null }
    project.tables.set('other', 'other rows')
    await project.materialize()
    await project.materialize()
    project.change('x', { alias: 'other' })
    expect(await reasonsOf(project, 't', 'offline')).toEqual(["the content of x can't be known"])
    expect(await reasonsOf(project, 't')).toEqual(['x changed'])
  })
})

describe('27c: what is built at a new relation', () => {
  it('an incremental asset starts from nothing', async () => {
    const project = new FakeProject().raw('raw').add('log', ['raw'], { accumulates: 'incremental' })
    await project.materialize()
    project.change('log', { alias: 'elsewhere' })
    const builds = watchBuilds(project)
    await project.materialize()
    expect(builds).toEqual(['log in full'])
  })

  it('it continues a table that is there, unless that table is one of this project', async () => {
    const project = new FakeProject().raw('raw').add('log', ['raw'], { accumulates: 'incremental' })
    await project.materialize()
    project.tables.set('elsewhere', 'years of history')
    project.change('log', { alias: 'elsewhere' })
    const builds = watchBuilds(project)
    await project.materialize()
    // What it left at `log` is of an earlier time.
    project.change('log', { alias: null })
    await project.materialize()
    expect(builds).toEqual(['log on top', 'log in full'])
  })

  it('it does not continue the table of another asset that moves away', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    project.add('log', ['raw'], { accumulates: 'incremental' })
    await project.materialize()
    project.change('t', { alias: 'log' }).change('log', { alias: 't' })
    const builds = watchBuilds(project)
    await project.materialize(['log'])
    expect(builds).toEqual(['log in full'])
  })

  it('an incremental stream is loaded in full: its position belongs to the old table', async () => {
    const project = new FakeProject().raw('log', 'rows', { accumulates: 'incremental' })
    await project.materialize()
    project.tables.set('elsewhere', 'rows of others')
    project.change('log', { alias: 'elsewhere' })
    const builds = watchBuilds(project)
    await project.materialize()
    expect(builds).toEqual(['log in full'])
  })

  it('a build in full that was killed at the new relation is repeated in full', async () => {
    const project = new FakeProject().raw('raw').add('log', ['raw'], { accumulates: 'incremental' })
    await project.materialize()
    project.change('log', { alias: 'elsewhere' })
    const killed = project.onBuilt
    project.onBuilt = () => {
      throw new Error('killed')
    }
    await project.materialize().catch(() => null)
    project.onBuilt = killed
    expect(project.tables.has('elsewhere')).toBe(true)
    project.change('log', { code: 'edited' })
    const builds = watchBuilds(project)
    await project.materialize()
    expect(builds).toEqual(['log in full'])
  })
})

describe('27d: a snapshot that moved', () => {
  const withSnapshot = () =>
    new FakeProject().raw('raw').add('snap', ['raw'], { accumulates: 'snapshot' })

  it('is a problem that names both relations, until a new history is asked for', async () => {
    const project = withSnapshot()
    await project.materialize()
    const history = project.tables.get('snap')
    project.change('snap', { alias: 'elsewhere' })
    const ran = await project.materialize()
    const failed = ran.events.flatMap((event) =>
      event.event === 'step_finished' && event.outcome.state === 'failed'
        ? [event.outcome.problem]
        : [],
    )
    expect(failed).toMatchObject([
      {
        code: 'snapshot-moved',
        message: 'snap belongs at elsewhere now, and the history that it holds is at snap',
      },
    ])
    expect(project.tables.has('elsewhere')).toBe(false)
    project.change('raw', { source: 'more' })
    const { steps } = await project.materialize(['snap'], { forced: 'full_refresh' })
    expect(steps).toContain('snap: built')
    expect(project.tables.get('snap')).toBe(history)
  })

  it('continues its history once that was copied to the new relation', async () => {
    const project = withSnapshot()
    await project.materialize()
    project.change('snap', { alias: 'elsewhere' })
    project.tables.set('elsewhere', project.tables.get('snap')!)
    project.columns.set('elsewhere', project.columns.get('snap')!)
    const builds = watchBuilds(project)
    await project.materialize()
    expect(builds).toEqual(['snap on top'])
    expect((await project.status()).get('snap')).toEqual({ state: 'fresh' })
  })

  it('does not go on in the table of another asset', async () => {
    const project = withSnapshot().add('t', ['raw'])
    await project.materialize()
    project.change('t', { alias: 'snap' }).change('snap', { alias: 't' })
    expect((await project.materialize(['snap'])).steps).toContain('snap: failed')
  })
})

describe('27e: what a moved asset left is remembered and named', () => {
  it('from the commit at the new relation until it is gone, in every run of the asset', async () => {
    const project = withTable()
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    expect(leftBy(await project.materialize())).toEqual(['t remains'])
    expect(leftBy(await project.materialize())).toEqual(['t remains'])
    expect(leftBy(await project.materialize(['raw']))).toEqual([])
    project.tables.delete('t')
    expect(leftBy(await project.materialize())).toEqual([])
    project.tables.set('t', 'of someone else')
    expect(leftBy(await project.materialize([], { prune: true }))).toEqual([])
  })

  it('is not left any more when the asset moves back', async () => {
    const project = withTable()
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    await project.materialize()
    project.change('t', { alias: null })
    expect(leftBy(await project.materialize())).toEqual(['elsewhere remains'])
  })

  it('is not left if another asset fills it', async () => {
    const project = withTable().add('u', ['raw'])
    await project.materialize()
    project.change('t', { alias: 'elsewhere' }).change('u', { alias: 't' })
    expect(leftBy(await project.materialize(undefined, { prune: true }))).toEqual(['u dropped'])
    expect([...project.tables.keys()].sort()).toEqual(['elsewhere', 'raw', 't'])
  })
})

describe('27f: --prune drops what is ours and nothing reads', () => {
  /** A project whose table `t` was built at another relation, and what someone did before the prune. */
  const movedAfter = async (change: (project: FakeProject) => void, resource: string | null) => {
    const project = withTable(resource)
    await project.materialize()
    change(project)
    project.change('t', { alias: 'elsewhere' })
    await project.materialize()
    return project
  }
  const pruned = async (project: FakeProject, select?: string[]) =>
    leftBy(await project.materialize(select, { prune: true }))

  it.each([null, 'the file'])(
    'drops a table that is as it was built (resource: %s)',
    async (resource) => {
      const project = await movedAfter(() => {}, resource)
      expect(await pruned(project)).toEqual(['t dropped'])
      expect([...project.tables.keys()].sort()).toEqual(['elsewhere', 'raw'])
      expect(await pruned(project)).toEqual([])
    },
  )

  it.each([null, 'the file'])('keeps a table that was changed (resource: %s)', async (resource) => {
    const project = await movedAfter(({ tables }) => tables.set('t', 'edited'), resource)
    expect(await pruned(project)).toEqual([
      't remains: it is not proved to be what run 1 built there',
    ])
    expect(project.tables.get('t')).toBe('edited')
  })

  it.each([
    ['mart.main.t', 'main.t', 'assets drops nothing in another database, mart'],
    ['main.t', 'mart.main.t', 'it may be another table than that of t, which is mart.main.t'],
    ['lake.main.t', 'mart.main.t', 'assets drops nothing in another database, lake'],
  ])(
    'keeps %s after a move to %s: databases are not told apart by their tables',
    async (from, to, because) => {
      const project = withTable().change('t', { alias: from })
      await project.materialize()
      project.change('t', { alias: to })
      await project.materialize()
      expect(await pruned(project)).toEqual([`${from} remains: ${because}`])
      expect(project.tables.has(from)).toBe(true)
    },
  )

  it('keeps a table that a view of someone else reads', async () => {
    const project = await movedAfter(({ views, columns }) => {
      const reads = [{ is: 'relation', relation: 't', columns: 'id' }] as const
      views.set('report', { is: 'select', code: 'x', constant: null, columns: 'x', reads })
      columns.set('report', 'x')
    }, null)
    expect(await pruned(project)).toEqual(['t remains: view report may read it'])
  })

  it('keeps a table until the views over it were replaced, in whichever run', async () => {
    const project = withTable().view('v', ['t']).ephemeral('e', ['t']).view('w', ['e'])
    await project.materialize()
    project.change('t', { alias: 'elsewhere' })
    expect(await pruned(project, ['t'])).toEqual(['t remains: view v may read it'])
    expect(await pruned(project, ['v'])).toEqual(['t remains: view w may read it'])
    expect(await pruned(project)).toEqual(['t dropped'])
  })

  it('drops views and tables that moved together, the views first', async () => {
    const project = withTable().view('v', ['t'])
    await project.materialize()
    const drops: string[] = []
    project.onDrop = (relation) => drops.push(relation)
    project.change('t', { alias: 'elsewhere' }).change('v', { alias: 'shown' })
    expect(await pruned(project)).toEqual(['t dropped', 'v dropped'])
    expect(drops).toEqual(['v', 't'])
  })

  it('keeps a table below a view that stays, because a view of someone else reads that one', async () => {
    const project = withTable().view('v', ['t'])
    await project.materialize()
    const reads = [{ is: 'relation', relation: 'v', columns: 'id' }] as const
    project.views.set('report', { is: 'select', code: 'x', constant: null, columns: 'x', reads })
    project.columns.set('report', 'x')
    project.change('t', { alias: 'elsewhere' }).change('v', { alias: 'shown' })
    expect(await pruned(project)).toEqual([
      't remains: view v may read it',
      'v remains: view report may read it',
    ])
  })

  it('keeps a table that an external names', async () => {
    const project = await movedAfter(() => {}, null)
    project.add('x', [], { kind: 'external', form: 'external', alias: 't' })
    expect(await pruned(project)).toEqual(['t remains: external x names it'])
  })

  it('keeps a table that the record of an asset of another name is about', async () => {
    const project = withTable()
    await project.materialize()
    const record = project.state.records.get('t')!
    project.add('renamed', ['raw'], { alias: 't' })
    project.assets.delete('t')
    await project.materialize()
    project.change('renamed', { alias: 'elsewhere' })
    expect(project.state.records.get('t')).toEqual(record)
    expect(await pruned(project)).toEqual(['t remains: the record of t names it, too'])
  })

  it('keeps what an asset built on its own content', async () => {
    const project = new FakeProject().raw('raw').add('log', ['raw'], { accumulates: 'incremental' })
    project.warehouse = { resource: null }
    await project.materialize()
    project.change('log', { alias: 'elsewhere' })
    expect(await pruned(project)).toEqual([
      'log remains: log is built on its own content, and this may exist nowhere else',
    ])
  })

  it('drops nothing outside the selection, and nothing if the asset failed at its new relation', async () => {
    const project = withTable().add('other', ['raw'])
    await project.materialize()
    project.change('t', { alias: 'elsewhere', fails: true })
    expect(await pruned(project)).toEqual([])
    project.change('t', { fails: false })
    await project.materialize()
    expect(await pruned(project, ['other'])).toEqual([])
    expect(project.tables.has('t')).toBe(true)
  })

  it('a run that is killed anywhere is finished by the same command', async () => {
    for (let point = 0; point < 30; point++) {
      const project = withTable().view('v', ['t'])
      await project.materialize()
      project.change('t', { alias: 'elsewhere' }).change('v', { alias: 'shown' })
      const ran = await project.materializeUntil(point, undefined, { prune: true })
      await project.materialize(undefined, { prune: true })
      expect([...project.tables.keys()].sort()).toEqual(['elsewhere', 'raw'])
      expect([...project.views.keys()]).toEqual(['shown'])
      expect((await stateOf(project)).leftovers.size).toBe(0)
      if (ran !== null) return
    }
    throw new Error('the run has more points')
  })
})
