import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Published } from '../../framework/ports/publisher.ts'
import { DONE, UNCLEAR } from '../rig/tableau/faults.ts'
import { type Fault, TableauLookAlike } from '../rig/tableau/look-alike.ts'
import type { Content } from '../rig/tableau/store.ts'
import { NAME, PROJECT, TableauWork } from '../rig/tableau/work.ts'

let server: TableauLookAlike
let work: TableauWork

beforeEach(async () => {
  server = await TableauLookAlike.start(clockOfSeconds())
  server.store.addProject(PROJECT)
  work = new TableauWork(server)
})
afterEach(async () => {
  await server.close()
  work.remove()
})

/** Each look at this clock is a second later, so that no two publications have one `updatedAt`. */
function clockOfSeconds(): () => number {
  let now = Date.now()
  return () => {
    now += 1_000
    return now
  }
}

const wordOf = (published: Published | null): string => {
  if (published === null) return 'died'
  return published.is === 'failed' ? published.problem.code : published.is
}
const published = (): Content => server.store.contents.find(({ name }) => name === NAME)!
const posts = () => server.calls.filter((call) => call.startsWith('POST /sites/SITE/datasources'))
const times = () => server.store.publications.length

describe('a publication', () => {
  test('has the bytes, the name, the project and the description, and is one sign-in', async () => {
    const done = await work.publish()
    expect(done).toMatchObject({
      is: 'published',
      receipt: { service: `${server.url}, site rental`, project: PROJECT, name: NAME },
      reference: expect.stringMatching(/^Tableau job [0-9a-f]{8}: DVD rental\/revenue_trend$/),
    })
    expect(published().bytes?.toString()).toBe('the rows')
    expect(published().project.name).toBe(PROJECT)
    expect(published().description).toMatch(
      /^By month\.\n\nPublished by assets from test\/extract_revenue on local, run 1 \([0-9a-f]{8}\)\.$/,
    )
    expect(posts()[0]).toMatch(/asJob=true&overwrite=false$/)
    await work.close()
    expect([server.signIns, server.calls.at(-1)]).toEqual([1, 'POST /auth/signout'])
  })

  test('of the same rows is not repeated, also by another process', async () => {
    await work.publish()
    work.restart()
    expect(await work.publish()).toMatchObject({ is: 'published', reference: null })
    expect(times()).toBe(1)
  })

  test('of other rows replaces the data source', async () => {
    await work.publish()
    const { id } = published()
    work.write('other rows')
    expect(wordOf(await work.publish({ content: 'c:hyper/1:b' }))).toBe('published')
    expect([published().bytes?.toString(), published().id]).toEqual(['other rows', id])
    expect(times()).toBe(2)
  })

  test.each([
    ['deleted', () => server.store.contents.splice(0)],
    ['replaced', () => server.store.publish(NAME, published().project, Buffer.from('mine'))],
  ])('that was %s at Tableau is repeated', async (_, change) => {
    await work.publish()
    change()
    expect(wordOf(await work.publish({ mode: 'overwrite' }))).toBe('published')
    expect(published().bytes?.toString()).toBe('the rows')
  })

  test('is repeated with --force', async () => {
    await work.publish()
    await work.publish({ forced: true })
    expect(times()).toBe(2)
  })

  test('of a large file comes in blocks, in order', async () => {
    const text = `${'a'.repeat(16_000_000)}${'b'.repeat(16_000_000)}c`
    work.write(text)
    expect(wordOf(await work.publish())).toBe('published')
    expect(published().bytes?.equals(Buffer.from(text))).toBe(true)
    expect(server.calls.filter((call) => call.startsWith('PUT '))).toHaveLength(3)
    expect(work.progress).toContain('uploaded 16 of 32 MB to Tableau')
  })

  test('goes to a project within another one, by its path', async () => {
    const { id } = server.store.addProject('Finance')
    const inner = server.store.addProject(PROJECT, id)
    const place = { project: `Finance/${PROJECT}`, name: NAME }
    expect(wordOf(await work.publish({ place }))).toBe('published')
    expect(published().project).toBe(inner)
    // A name alone is the project at the top, if there is one.
    expect(wordOf(await work.publish())).toBe('published')
    expect(server.store.contents[1]?.project.parent).toBe(null)
  })

  test('keeps what others published under the name, unless it may overwrite', async () => {
    const mine = server.store.publish(NAME, server.store.projects[1]!, Buffer.from('mine'))
    expect(wordOf(await work.publish())).toBe('tableau-name-taken')
    expect(mine.bytes?.toString()).toBe('mine')
    expect(wordOf(await work.publish({ mode: 'overwrite' }))).toBe('published')
    expect(mine.bytes?.toString()).toBe('the rows')
  })

  test('keeps what another asset, or another target, published under the name', async () => {
    await work.publish()
    const { description } = published()
    work.last = null
    for (const [other, one] of [
      ['extract_revenue', 'extract_revenue_eu'],
      [' on local', ' on dev'],
      ['from test/', 'from other/'],
      [/\.$/, '. It was taken over by finance.'],
    ] as const) {
      published().description = description.replace(other, one)
      work.restart()
      const kept = await work.publish()
      expect([wordOf(kept), one]).toEqual(['tableau-name-taken', one])
    }
    expect(times()).toBe(1)
  })

  test('of two assets under one name is refused, however the project is spelled', async () => {
    const { id } = server.store.addProject('Finance')
    server.store.addProject('Reports', id)
    const at = (project: string, asset: string) => ({ asset, place: { project, name: NAME } })
    expect(wordOf(await work.publish(at('Reports', 'a')))).toBe('published')
    const second = await work.publish(at('Finance/Reports', 'b'))
    expect(second).toMatchObject({
      problem: { message: expect.stringContaining('b and a both publish') },
    })
    expect(times()).toBe(1)
  })

  test('under another spelling of its place is not repeated, and has a receipt of it', async () => {
    const { id } = server.store.addProject('Finance')
    server.store.addProject('Reports', id)
    await work.publish({ place: { project: 'Reports', name: NAME } })
    const place = { project: 'Finance/Reports', name: NAME }
    work.restart()
    expect(await work.publish({ place })).toMatchObject({ is: 'published', reference: null })
    expect([times(), work.holds(place)]).toEqual([1, true])
  })

  test('knows its own data source after the state was lost', async () => {
    await work.publish()
    work.last = null
    work.restart()
    expect(wordOf(await work.publish())).toBe('published')
  })

  test('does not replace what others publish while it uploads', async () => {
    server.plan('POST', /datasources/, { is: 'status', status: 409, code: '409006' })
    expect(wordOf(await work.publish())).toBe('tableau-refused')
    expect(posts()[0]).toContain('overwrite=false')
  })
})

describe('a look', () => {
  test.each([
    ['as it was published', () => {}, 'as_published'],
    ['deleted', () => server.store.contents.splice(0), 'gone'],
    [
      'replaced',
      () => server.store.publish(NAME, published().project, Buffer.from('')),
      'replaced',
    ],
    ['renamed', () => Object.assign(published(), { name: 'other' }), 'gone'],
    ['moved', () => Object.assign(published(), { project: server.store.addProject('X') }), 'gone'],
    ['replaced within a second', () => Object.assign(published(), { description: '' }), 'replaced'],
  ] as const)('at what is %s', async (_, change, seen) => {
    await work.publish()
    change()
    work.restart()
    const calls = server.calls.length
    const looked = await work.look()
    expect(looked.problems).toEqual([])
    expect(looked.seen.get('extract_revenue')?.is).toBe(seen)
    // The version of the API, the sign-in, the data source.
    expect(server.calls.slice(calls)).toHaveLength(3)
  })

  test.each<readonly [string, Fault, string]>([
    ['silence', { is: 'silent' }, 'tableau-not-answering'],
    ['a page', { is: 'page', status: 502 }, 'tableau-not-answering'],
    ['403', { is: 'status', status: 403, code: '403004' }, 'tableau-forbidden'],
  ])('that meets %s says nothing of the data source', async (_, fault, code) => {
    await work.publish()
    server.plan('GET', /datasources\/./, fault, 9)
    const looked = await work.look()
    expect([looked.seen.size, looked.problems[0]?.code]).toEqual([0, code])
  })

  test('at one that this user may not see says that of it alone', async () => {
    await work.publish()
    server.plan('GET', /datasources\/./, { is: 'status', status: 403, code: '403004' })
    const { seen, problems } = await work.look(['a', 'b', 'c'])
    expect([[...seen.keys()], problems.map(({ asset }) => asset)]).toEqual([['b', 'c'], ['a']])
  })

  test('without a call: whether a receipt is of this place', async () => {
    await work.publish()
    expect(work.holds()).toBe(true)
    expect(work.holds({ project: 'Finance', name: NAME })).toBe(false)
    expect(work.holds({ project: PROJECT, name: 'other' })).toBe(false)
  })
})

describe('misbehaviours', () => {
  test.each(UNCLEAR)(
    'the request to publish gets %s: it is never asked for twice',
    async (what, fault) => {
      server.plan('POST', /datasources$/, fault)
      const first = wordOf(await work.publish())
      expect(first).toBe(DONE.includes(what) ? 'published' : 'tableau-outcome-unknown')
      expect(posts()).toHaveLength(1)
      work.restart()
      expect(wordOf(await work.publish())).toBe('published')
      expect([times(), published().bytes?.toString()]).toEqual([1, 'the rows'])
    },
  )

  test.each(UNCLEAR)('the request gets %s, and this user may not list jobs', async (_, fault) => {
    server.forbidden.push(/^GET \/jobs$/)
    server.plan('POST', /datasources$/, fault)
    // Nobody polls the job, so it ends by itself.
    work.meanwhile = () => server.store.jobs.forEach((job) => void server.store.poll(job.id))
    await work.publish()
    work.restart()
    expect(wordOf(await work.publish())).toBe('published')
    expect(times()).toBe(1)
  })

  test.each(UNCLEAR)('a block gets %s: the upload begins again', async (_, fault) => {
    server.plan('PUT', /fileUploads/, fault)
    expect(wordOf(await work.publish())).toBe('published')
    expect([times(), published().bytes?.toString()]).toEqual([1, 'the rows'])
  })

  test.each(UNCLEAR)('polls get %s: the job is followed', async (_, fault) => {
    server.plan('GET', /jobs\/./, fault, 3)
    expect(wordOf(await work.publish())).toBe('published')
    expect(times()).toBe(1)
    expect(work.progress.some((line) => line.includes('the last poll failed'))).toBe(true)
  })

  test.each(['POST fileUploads', 'PUT fileUploads', 'POST datasources', 'GET jobs'])(
    'the session ends before %s',
    async (call) => {
      const [method, path] = call.split(' ') as [string, string]
      server.plan(method, new RegExp(path), { is: 'status', status: 401, code: '401002' })
      expect(wordOf(await work.publish())).toBe('published')
      expect([server.signIns, times()]).toEqual([2, 1])
    },
  )

  test('the upload is gone: it begins again', async () => {
    server.plan('PUT', /fileUploads/, { is: 'status', status: 404, code: '404015' })
    expect(wordOf(await work.publish())).toBe('published')
  })

  test('blocks never arrive: it gives up, and nothing was asked for', async () => {
    server.plan('PUT', /fileUploads/, { is: 'broken', when: 'after' }, 99)
    expect(wordOf(await work.publish())).toBe('tableau-not-answering')
    expect([posts().length, work.journal]).toEqual([0, null])
  })

  test.each([
    [403, '403007', 'tableau-forbidden'],
    [400, '400011', 'tableau-refused'],
    [404, '404005', 'tableau-refused'],
    [409, '409004', 'tableau-refused'],
  ])('the request is refused with %i', async (status, code, problem) => {
    server.plan('POST', /datasources$/, { is: 'status', status, code })
    expect(wordOf(await work.publish())).toBe(problem)
    work.restart()
    expect(wordOf(await work.publish())).toBe('published')
  })

  test('a busy server is waited for', async () => {
    const busy = { is: 'status', status: 429, headers: { 'retry-after': '9' } } as const
    server.plan('POST', /datasources$/, busy)
    server.plan('PUT', /fileUploads/, busy)
    expect(wordOf(await work.publish())).toBe('published')
    expect(work.waits.filter((wait) => wait === 9_000)).toHaveLength(2)
    expect(posts()).toHaveLength(2)
    expect(times()).toBe(1)
  })

  test('the finish code says failed before the job has ended', async () => {
    server.store.rules.polls = 5
    expect(wordOf(await work.publish())).toBe('published')
  })

  test.each([
    ['fails', 1, 'failed'],
    ['is cancelled at Tableau', 2, 'was cancelled at Tableau'],
  ] as const)('the job %s', async (_, finishCode, says) => {
    Object.assign(server.store.rules, { finishCode, notes: 'no room on the site' })
    const done = await work.publish()
    expect(wordOf(done)).toBe('tableau-job-failed')
    expect(JSON.stringify(done)).toContain(says)
    expect(JSON.stringify(done)).toContain('no room on the site')
    server.store.rules.finishCode = 0
    work.restart()
    expect(wordOf(await work.publish())).toBe('published')
  })

  test('the job vanishes: what it published is recognised', async () => {
    server.store.rules.polls = 1
    server.plan('GET', /jobs\/./, { is: 'status', status: 503 })
    work.meanwhile = () => {
      for (const job of server.store.jobs.splice(0)) server.store.end(job, 0)
    }
    expect(wordOf(await work.publish())).toBe('published')
    expect(times()).toBe(1)
  })

  test('the job does not end: the timeout ends the wait, and the next run follows it', async () => {
    work.remove()
    work = new TableauWork(server, { timeout: '0s' })
    server.store.rules.isHeld = true
    expect(wordOf(await work.publish())).toBe('tableau-timeout')
    server.store.rules.isHeld = false
    work.restart()
    await Promise.resolve()
    for (const job of server.store.jobs) server.store.end(job, 0)
    expect(wordOf(await work.publish())).toBe('published')
    expect(times()).toBe(1)
  })

  test('Ctrl-C while the job runs: the next run follows it', async () => {
    server.store.rules.isHeld = true
    work.meanwhile = () => work.signal.abort()
    const done = await work.publish()
    expect(done).toMatchObject({
      is: 'cancelled',
      detail: expect.stringContaining('keeps running'),
    })
    server.store.rules.isHeld = false
    work.meanwhile = () => {}
    work.restart()
    expect(wordOf(await work.publish())).toBe('published')
    expect(times()).toBe(1)
  })

  test('an earlier publication of other rows ends first, and does not replace the new one', async () => {
    server.store.rules.isHeld = true
    work.meanwhile = () => work.signal.abort()
    await work.publish()
    Object.assign(server.store.rules, { isHeld: false, polls: 4 })
    work.meanwhile = () => {}
    work.write('newer rows')
    work.restart()
    expect(wordOf(await work.publish({ content: 'c:hyper/1:b' }))).toBe('published')
    expect([times(), published().bytes?.toString()]).toEqual([2, 'newer rows'])
  })

  test('someone deletes it before the next run looks: it is published again', async () => {
    server.store.rules.isHeld = true
    work.meanwhile = () => work.signal.abort()
    await work.publish()
    for (const job of server.store.jobs) server.store.end(job, 0)
    server.store.contents.splice(0)
    Object.assign(server.store.rules, { isHeld: false })
    work.meanwhile = () => {}
    work.restart()
    expect(wordOf(await work.publish())).toBe('published')
    expect(published().bytes?.toString()).toBe('the rows')
  })

  test('someone replaces it in the second after our job: it is not taken for ours', async () => {
    server.beforeAnswer = async () => {
      const [job] = server.store.jobs
      if (job?.completedAt == null || published().bytes?.toString() === 'mine') return
      const { updatedAt } = published()
      server.store.publish(NAME, published().project, Buffer.from('mine')).updatedAt = updatedAt
    }
    // `publish` sets its own hook, so this one is put around it.
    const hook = server.beforeAnswer
    work.meanwhile = () => hook()
    Object.assign(server.store.rules, { polls: 1 })
    server.plan('GET', /jobs\/./, { is: 'broken', when: 'after' })
    expect(wordOf(await work.publish())).toBe('tableau-replaced')
  })

  test('the file is replaced before it is uploaded, or while it is', async () => {
    const file = work.file()
    work.write('what another program wrote')
    expect(wordOf(await work.publish({ file }))).toBe('tableau-file-unreadable')
    work.write('a'.repeat(17_000_000))
    const onProgress = async () => work.write('b'.repeat(17_000_000))
    expect(wordOf(await work.publish({ onProgress }))).toBe('tableau-file-unreadable')
    expect([posts(), times()]).toEqual([[], 0])
  })

  test('the journal can not be written: that is no fault of the file, and nothing was asked for', async () => {
    const onReference = () => Promise.reject(new Error('database is locked'))
    await expect(work.publish({ onReference })).rejects.toThrow('database is locked')
    expect(posts()).toEqual([])
  })

  test('others publish elsewhere meanwhile: they are not waited for', async () => {
    server.plan('POST', /datasources$/, { is: 'status', status: 500 })
    await work.publish()
    const other = server.store.addJob('PublishDatasource', null)
    other.createdAt = new Date(Date.now() - 3_600_000).toISOString()
    Object.assign(server.store.rules, { isHeld: true })
    server.beforeAnswer = async () => {}
    work.restart()
    work.meanwhile = () => {
      for (const job of server.store.jobs)
        if (job !== other && job.completedAt === null) server.store.end(job, 0)
    }
    expect(wordOf(await work.publish())).toBe('published')
    expect(other.completedAt).toBe(null)
  })

  test('older rows that nobody can follow arrive before newer ones are published', async () => {
    server.forbidden.push(/^GET \/jobs$/)
    server.plan('POST', /datasources$/, { is: 'broken', when: 'after' })
    Object.assign(server.store.rules, { isHeld: true })
    expect(wordOf(await work.publish())).toBe('tableau-outcome-unknown')
    work.write('newer rows')
    work.restart()
    let looks = 0
    work.meanwhile = () => {
      looks += 1
      if (looks === 5) {
        Object.assign(server.store.rules, { isHeld: false })
        // The newest first: so the older rows would stay, if newer ones were on their way.
        for (const job of server.store.jobs.toReversed())
          if (job.completedAt === null) server.store.end(job, 0)
      }
    }
    expect(wordOf(await work.publish({ content: 'c:hyper/1:b' }))).toBe('published')
    expect([times(), published().bytes?.toString()]).toEqual([2, 'newer rows'])
  })

  test.each([
    ['the request', 'POST', /datasources$/],
    ['a block', 'PUT', /fileUploads/],
  ] as const)(
    'Ctrl-C while a busy server makes %s wait: it ends at once',
    async (_, method, path) => {
      const busy = { is: 'status', status: 429, headers: { 'retry-after': '50' } } as const
      server.plan(method, path, busy, 99)
      work.meanwhile = () => work.signal.abort()
      await work.publish()
      expect(work.waits.filter((wait) => wait === 50_000)).toHaveLength(1)
    },
  )

  test('someone replaces it before the next run looks: it is not taken for ours', async () => {
    server.store.rules.isHeld = true
    work.meanwhile = () => work.signal.abort()
    await work.publish()
    for (const job of server.store.jobs) server.store.end(job, 0)
    for (let seconds = 0; seconds < 90; seconds++) server.store.time()
    server.store.publish(NAME, published().project, Buffer.from('mine'), published().description)
    Object.assign(server.store.rules, { isHeld: false })
    work.meanwhile = () => {}
    work.restart()
    expect(wordOf(await work.publish({ mode: 'overwrite' }))).toBe('published')
    expect([times(), published().bytes?.toString()]).toEqual([3, 'the rows'])
  })

  test('someone replaces it while we wait between two polls: it is not taken for ours', async () => {
    work.meanwhile = () => {
      for (const job of server.store.jobs) if (job.completedAt === null) server.store.end(job, 0)
      for (let seconds = 0; seconds < 90; seconds++) server.store.time()
      server.store.publish(NAME, published().project, Buffer.from('mine'))
    }
    expect(wordOf(await work.publish({ mode: 'overwrite' }))).toBe('tableau-replaced')
  })

  test.each([
    ['has another name', 'DVD rentals', 'did you mean DVD rental?'],
    ['is none of the site', 'Zoo', 'it has default, DVD rental'],
  ])('the project %s', async (_, project, hint) => {
    const done = await work.publish({ place: { project, name: NAME } })
    expect(done).toMatchObject({ is: 'failed', problem: { code: 'tableau-unknown-name', hint } })
  })

  test('two projects have the name', async () => {
    const { id } = server.store.addProject('Finance')
    server.store.addProject('Reports', id)
    server.store.addProject('Reports', server.store.addProject('Sales').id)
    const done = await work.publish({ place: { project: 'Reports', name: NAME } })
    expect(done).toMatchObject({
      problem: { hint: 'write the path: Finance/Reports or Sales/Reports' },
    })
  })

  test.each(['Sales, net: 2026', 'a [b] & <c> "d"', "Umsatz für 'alle'"])(
    'the name is %s',
    async (name) => {
      const place = { project: PROJECT, name }
      await work.publish({ place })
      expect(server.store.contents[0]?.name).toBe(name)
      work.restart()
      await work.publish({ place })
      expect(times()).toBe(1)
    },
  )

  test('the file goes away', async () => {
    work.remove()
    expect(wordOf(await work.publish())).toBe('tableau-file-unreadable')
  })
})

describe('killed at every moment', () => {
  /** Publishes with a process that dies after some moments, until one outlives its publication. */
  test.each([
    ['a user who may list jobs', true],
    ['a user who may not', false],
  ])('nothing is published twice, for %s', async (_, mayList) => {
    let isOver = false
    let deaths = 0
    for (let moments = 0; !isOver; moments++) {
      expect(moments).toBeLessThan(60)
      await server.close()
      work.remove()
      server = await TableauLookAlike.start(clockOfSeconds())
      server.store.addProject(PROJECT)
      if (!mayList) server.forbidden.push(/^GET \/jobs$/)
      work = new TableauWork(server)
      work.diesAfter(moments)
      const first = wordOf(await work.publish())
      isOver = first === 'published'
      if (!isOver) deaths += 1
      expect(['died', 'published']).toContain(first)
      // Without jobs to list, the next process can't know of one that still runs.
      if (!mayList)
        for (const job of server.store.jobs) if (job.completedAt === null) server.store.end(job, 0)
      work.restart()
      expect(wordOf(await work.publish()), `after ${moments} moments`).toBe('published')
      expect([moments, times()]).toEqual([moments, 1])
      expect(published().bytes?.toString()).toBe('the rows')
    }
    expect(deaths).toBeGreaterThan(20)
  })
})
