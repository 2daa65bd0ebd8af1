import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Refreshed } from '../../framework/ports/publisher.ts'
import { DONE, UNCLEAR } from '../rig/tableau/faults.ts'
import { TableauLookAlike } from '../rig/tableau/look-alike.ts'
import type { Content, Job } from '../rig/tableau/store.ts'
import { PROJECT, TableauWork } from '../rig/tableau/work.ts'

let server: TableauLookAlike
let work: TableauWork
let workbook: Content

beforeEach(async () => {
  await begin()
})
afterEach(async () => {
  await server.close()
  work.remove()
})

async function begin(): Promise<void> {
  server = await TableauLookAlike.start()
  const project = server.store.addProject(PROJECT)
  workbook = server.store.addContent({ type: 'workbook', name: 'Overview', project })
  server.store.addContent({ type: 'datasource', name: 'Sales', project })
  work = new TableauWork(server)
}

const wordOf = (refreshed: Refreshed | null): string => {
  if (refreshed === null) return 'died'
  return refreshed.is === 'failed' ? refreshed.problem.code : refreshed.is
}
const posts = () => server.calls.filter((call) => /^POST .*\/refresh$/.test(call)).length
const refreshes = () => server.store.jobs.filter(({ type }) => type === 'RefreshExtract')
const mayNotList = () => server.forbidden.push(/^GET \/jobs$/)

/** A refresh that someone else started, some minutes ago. */
function startedByOthers(more: Partial<Job> = {}): Job {
  return Object.assign(server.store.addJob('RefreshExtract', workbook), more)
}
const minutes = (number: number) => new Date(Date.now() - number * 60_000).toISOString()
const committed = (minutesAgo: number, run = 1) => ({
  inputs: { run, at: Date.now() - minutesAgo * 60_000 },
})

describe('a refresh', () => {
  test.each([
    ['a workbook', { type: 'workbook', name: 'Overview', project: null }],
    ['a data source', { type: 'datasource', name: 'Sales', project: PROJECT }],
  ] as const)('of %s is asked for once and waited for', async (_, content) => {
    expect(await work.refresh({ content })).toEqual({
      is: 'refreshed',
      reference: expect.stringMatching(/^Tableau job [0-9a-f]{8}$/),
      receipt: { service: `${server.url}, site rental` },
    })
    expect([posts(), refreshes()[0]?.content?.name]).toEqual([1, content.name])
    expect(refreshes()[0]?.completedAt).not.toBe(null)
  })

  test('of others that waits in the queue is followed', async () => {
    server.store.rules.isQueued = true
    startedByOthers()
    work.meanwhile = () => {
      server.store.rules.isQueued = false
    }
    const done = await work.refresh(committed(0))
    expect(done).toMatchObject({ reference: expect.stringContaining('started by others') })
    expect([posts(), refreshes().length]).toEqual([0, 1])
  })

  test('of others that began before our inputs were committed is waited for, and another one follows', async () => {
    startedByOthers({ startedAt: minutes(30) })
    expect(wordOf(await work.refresh(committed(0)))).toBe('refreshed')
    expect([posts(), refreshes().length]).toEqual([1, 2])
  })

  test('of others that began after our inputs were committed is followed', async () => {
    startedByOthers({ startedAt: minutes(5) })
    expect(wordOf(await work.refresh(committed(30)))).toBe('refreshed')
    expect(posts()).toBe(0)
  })

  test.each([
    ['a moment after our inputs', committed(0.5)],
    ['while it is not known when our inputs were committed', { inputs: null }],
  ])('of others that began %s is no proof', async (_, inputs) => {
    startedByOthers({ startedAt: minutes(0.1) })
    expect(wordOf(await work.refresh(inputs))).toBe('refreshed')
    expect(posts()).toBe(1)
  })

  test('of others that fails is none', async () => {
    server.store.rules.isQueued = true
    startedByOthers({ finishCode: 1 })
    work.meanwhile = () => {
      server.store.rules.isQueued = false
    }
    expect(wordOf(await work.refresh())).toBe('refreshed')
    expect(posts()).toBe(1)
  })

  test('of another workbook is not ours', async () => {
    const project = workbook.project
    const other = server.store.addContent({ type: 'workbook', name: 'Other', project })
    server.store.addJob('RefreshExtract', other)
    expect(wordOf(await work.refresh())).toBe('refreshed')
    expect(refreshes().at(-1)?.content).toBe(workbook)
  })

  test('that has just begun when ours is asked for (409093) is found and waited for', async () => {
    // It is not in the list yet.
    server.plan('POST', /refresh$/, { is: 'status', status: 409, code: '409093' })
    expect(wordOf(await work.refresh())).toBe('refreshed')
    expect([posts(), refreshes().length, work.waits[0]]).toEqual([2, 1, 5_000])
  })

  test('of others is waited out by a user who may not list jobs', async () => {
    mayNotList()
    const other = startedByOthers({ startedAt: minutes(30) })
    let waits = 0
    work.meanwhile = () => {
      waits += 1
      if (waits === 3) server.store.end(other, 0)
    }
    expect(wordOf(await work.refresh())).toBe('refreshed')
    expect([posts(), refreshes().length]).toEqual([4, 2])
    expect(work.waits.slice(0, 3)).toEqual([5_000, 10_000, 20_000])
  })

  test('is cancelled by Ctrl-C', async () => {
    server.store.rules.isHeld = true
    work.meanwhile = () => work.signal.abort()
    const done = await work.refresh()
    expect(done).toMatchObject({
      is: 'cancelled',
      detail: expect.stringContaining('was cancelled'),
    })
    expect(refreshes()[0]?.finishCode).toBe(2)
  })

  test('of others is not cancelled by Ctrl-C', async () => {
    server.store.rules.isHeld = true
    startedByOthers()
    work.meanwhile = () => work.signal.abort()
    const done = await work.refresh()
    expect(done).toMatchObject({
      is: 'cancelled',
      detail: expect.stringContaining('keeps running'),
    })
    expect(refreshes()[0]?.completedAt).toBe(null)
  })

  test.each([
    ['fails', 1, 'failed'],
    ['is cancelled at Tableau', 2, 'was cancelled at Tableau'],
  ] as const)(
    'that %s is a problem with its notes, and the next run asks again',
    async (_, finishCode, says) => {
      Object.assign(server.store.rules, { finishCode, notes: 'the warehouse is suspended' })
      const done = await work.refresh()
      expect(wordOf(done)).toBe('tableau-job-failed')
      expect(JSON.stringify(done)).toContain(says)
      expect(JSON.stringify(done)).toContain('the warehouse is suspended')
      server.store.rules.finishCode = 0
      work.restart()
      expect(wordOf(await work.refresh())).toBe('refreshed')
      expect(posts()).toBe(2)
    },
  )

  test('with the finish code 3, of flows, has succeeded', async () => {
    server.store.rules.finishCode = 3
    expect(wordOf(await work.refresh())).toBe('refreshed')
  })
})

describe('misbehaviours', () => {
  test.each(UNCLEAR)('the request gets %s: it is never asked for twice', async (what, fault) => {
    server.plan('POST', /refresh$/, fault)
    const first = wordOf(await work.refresh())
    expect(first).toBe(DONE.includes(what) ? 'refreshed' : 'tableau-outcome-unknown')
    expect(posts()).toBe(1)
    work.restart()
    expect(wordOf(await work.refresh())).toBe('refreshed')
    // What was done before is not taken for the work of another run.
    expect(refreshes()).toHaveLength(DONE.includes(what) ? 2 : 1)
  })

  test.each(UNCLEAR)('polls get %s: the job is followed', async (_, fault) => {
    server.plan('GET', /jobs\/./, fault, 3)
    expect(wordOf(await work.refresh())).toBe('refreshed')
    expect(posts()).toBe(1)
  })

  test('the session ends before the request and while it is waited for', async () => {
    const ended = { is: 'status', status: 401, code: '401002' } as const
    server.plan('POST', /refresh$/, ended)
    server.plan('GET', /jobs\/./, ended)
    expect(wordOf(await work.refresh())).toBe('refreshed')
    expect([server.signIns, refreshes().length]).toEqual([3, 1])
  })

  test.each([
    ['there is no extract', 409, '409090', 'tableau-refused'],
    ['this user may not', 403, '403000', 'tableau-forbidden'],
  ])('the request is refused: %s', async (_, status, code, problem) => {
    server.plan('POST', /refresh$/, { is: 'status', status, code })
    expect(wordOf(await work.refresh())).toBe(problem)
    expect(posts()).toBe(1)
  })

  test('the job vanishes', async () => {
    work.meanwhile = () => void server.store.jobs.splice(0)
    expect(wordOf(await work.refresh())).toBe('tableau-outcome-unknown')
  })

  test('the job does not end: the timeout ends the wait, and the next run follows it', async () => {
    work.remove()
    work = new TableauWork(server, { timeout: '0s' })
    server.store.rules.isHeld = true
    expect(wordOf(await work.refresh())).toBe('tableau-timeout')
    work.restart()
    server.store.end(refreshes()[0]!, 0)
    expect(wordOf(await work.refresh(committed(5)))).toBe('refreshed')
    expect(posts()).toBe(1)
  })

  test.each([
    ['has another name', { name: 'Overvew' }, 'did you mean Overview?'],
    ['is none of the site', { name: 'Zoo' }, 'it has Overview'],
    ['is in another project', { project: 'default' }, 'did you mean Overview?'],
  ])('the workbook %s', async (_, more, hint) => {
    const content = { type: 'workbook', name: 'Overview', project: null, ...more } as const
    const done = await work.refresh({ content })
    expect(done).toMatchObject({ problem: { code: 'tableau-unknown-name', hint } })
    expect(posts()).toBe(0)
  })

  test('two workbooks have the name', async () => {
    const [project] = server.store.projects
    server.store.addContent({ type: 'workbook', name: 'Overview', project: project! })
    const done = await work.refresh()
    expect(done).toMatchObject({
      problem: { hint: `set \`project:\` to one of ${PROJECT}, default` },
    })
    const content = { type: 'workbook', name: 'Overview', project: PROJECT } as const
    expect(wordOf(await work.refresh({ content }))).toBe('refreshed')
  })
})

describe('a request whose answer was lost', () => {
  test('is not taken for a refresh that had ended before', async () => {
    const before = startedByOthers()
    server.store.end(before, 0)
    server.plan('POST', /refresh$/, { is: 'broken', when: 'before' })
    expect(wordOf(await work.refresh(committed(0)))).toBe('tableau-outcome-unknown')
  })

  test('is followed, and not cancelled by Ctrl-C: it may be of others', async () => {
    server.plan('POST', /refresh$/, { is: 'broken', when: 'after' })
    server.store.rules.isHeld = true
    let waits = 0
    work.meanwhile = () => {
      waits += 1
      if (waits === 3) work.signal.abort()
    }
    expect(await work.refresh()).toMatchObject({ detail: expect.stringContaining('keeps running') })
    expect(refreshes()[0]?.completedAt).toBe(null)
  })

  test('is cancelled in one try: a person waits', async () => {
    server.store.rules.isHeld = true
    server.plan('PUT', /jobs/, { is: 'status', status: 503 }, 99)
    work.meanwhile = () => work.signal.abort()
    const waits = work.waits.length
    await work.refresh()
    expect(work.waits.slice(waits)).toHaveLength(1)
  })
})

describe('killed at every moment', () => {
  test('nothing is refreshed twice', async () => {
    let isOver = false
    let deaths = 0
    for (let moments = 0; !isOver; moments++) {
      expect(moments).toBeLessThan(60)
      await server.close()
      work.remove()
      await begin()
      work.diesAfter(moments)
      const first = wordOf(await work.refresh(committed(0)))
      isOver = first === 'refreshed'
      if (isOver) continue
      deaths += 1
      expect(first).toBe('died')
      work.restart()
      expect(wordOf(await work.refresh(committed(0))), `after ${moments}`).toBe('refreshed')
      expect([moments, refreshes().length]).toEqual([moments, 1])
    }
    expect(deaths).toBeGreaterThan(15)
  })

  test('and an input was committed since: it is refreshed again', async () => {
    work.diesAfter(1_000)
    server.store.rules.isHeld = true
    work.meanwhile = () => work.diesAfter(0)
    expect(wordOf(await work.refresh(committed(0)))).toBe('died')
    server.store.rules.isHeld = false
    work.meanwhile = () => {}
    work.restart()
    expect(wordOf(await work.refresh(committed(0, 2)))).toBe('refreshed')
    expect(refreshes()).toHaveLength(2)
  })
})
