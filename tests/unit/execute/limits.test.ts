import { describe, expect, test } from 'vitest'
import { FakeProject } from '../../rig/fake-project.ts'

/** Makes an asset work until it is stopped, in its first `times` builds. */
function stuck(project: FakeProject, name: string, times: number): { limits: number[] } {
  const limits: number[] = []
  let expire: () => void = () => {}
  let left = times
  project.timer = (milliseconds, call) => {
    limits.push(milliseconds)
    expire = call
    // Waits before another try are over at once.
    if (milliseconds < 60_000) queueMicrotask(call)
    return () => {}
  }
  project.work = async (one, signal) => {
    if (one !== name || left-- <= 0) return
    project.now += 61_000
    expire()
    if (!signal.aborted) throw new Error('the step was not stopped')
  }
  return { limits }
}

const problemOf = (ran: Awaited<ReturnType<FakeProject['materialize']>>, name: string) =>
  ran.events.flatMap((event) =>
    event.event === 'step_finished' && event.asset === name && event.outcome.state === 'failed'
      ? [event.outcome.problem]
      : [],
  )[0]

describe('a step that takes longer than its timeout', () => {
  test('fails with the limit, the time it used and its output so far', async () => {
    const project = new FakeProject()
      .add('a')
      .add('b', ['a'])
      .policy('a', { timeout: 60_000, retries: null })
    stuck(project, 'a', 1)
    const ran = await project.materialize()
    expect(ran.steps).toEqual(['a: failed', 'b: blocked'])
    expect(problemOf(ran, 'a')).toEqual({
      code: 'timeout',
      message: 'a was stopped after 1m1s: its timeout is 1m',
      at: { file: 'assets.yaml', path: ['assets', 'a', 'timeout'] },
      detail: 'a was at work',
      hint: 'raise `timeout:`, or find out why the step takes so long',
      asset: 'a',
    })
  })

  test('ends its batch; the other steps of the batch are built in another batch', async () => {
    const project = new FakeProject().add('before').add('a').add('c').add('d', ['c'])
    project.policy('a', { timeout: 60_000 })
    stuck(project, 'a', 1)
    const { steps, batches, result } = await project.materialize()
    expect(result.outcome).toBe('failed')
    expect(steps).toEqual(['before: built', 'a: failed', 'c: built', 'd: built'])
    expect(batches).toEqual([
      ['before', 'a', 'c', 'd'],
      ['c', 'd'],
    ])
  })

  test('is retried as often as `retries` says', async () => {
    const project = new FakeProject().add('a').policy('a', { timeout: 60_000, retries: 2 })
    const { limits } = stuck(project, 'a', 2)
    const { steps, result } = await project.materialize()
    expect([result.outcome, steps]).toEqual(['succeeded', ['a: built']])
    // Each attempt has the whole timeout. The other numbers are the waits between attempts.
    expect(limits).toEqual([60_000, 750, 60_000, 1_500, 60_000])
  })

  test('is not retried without `retries`', async () => {
    const project = new FakeProject().add('a').policy('a', { timeout: 60_000, retries: null })
    const { limits } = stuck(project, 'a', 1)
    expect((await project.materialize()).steps).toEqual(['a: failed'])
    expect(limits).toEqual([60_000])
  })
})

describe('a transient failure', () => {
  test('is retried twice without `retries`', async () => {
    const project = new FakeProject().raw('raw').policy('raw', { retries: null })
    project.change('raw', { fails: true, transient: true })
    let tries = 0
    project.onBuild = () => {
      tries += 1
    }
    expect((await project.materialize()).steps).toEqual(['raw: failed'])
    expect(tries).toBe(3)
  })

  test('fails at once if the run is stopped during the wait', async () => {
    const project = new FakeProject().raw('raw').policy('raw', { retries: 5 })
    project.change('raw', { fails: true, transient: true })
    // The wait ends only when the run is stopped.
    project.timer = () => {
      queueMicrotask(() => project.abort.abort())
      return () => {}
    }
    const { steps, result } = await project.materialize()
    expect([result.outcome, steps]).toEqual(['cancelled', ['raw: failed']])
  })
})

describe('a change made outside assets', () => {
  test('is reported before a build undoes it', async () => {
    const project = new FakeProject().add('a').add('b', ['a'])
    await project.materialize()
    project.tables.set('a', 'by hand')
    const { events } = await project.materialize()
    const notice = events.findIndex((event) => event.event === 'notice')
    expect(events[notice]).toEqual({
      event: 'notice',
      message: 'a was changed outside assets since run 1; rebuilding it undoes that change',
    })
    expect(events.findIndex((event) => event.event === 'step_started')).toBeGreaterThan(notice)
  })

  test('is kept if the policy adopts it', async () => {
    const project = new FakeProject().add('a').policy('a', { onDrift: 'adopt' })
    await project.materialize()
    project.tables.set('a', 'by hand')
    const { events, steps } = await project.materialize()
    expect(steps).toEqual(['a: adopted'])
    expect(events.some((event) => event.event === 'notice')).toBe(false)
    expect(project.tables.get('a')).toBe('by hand')
  })
})

describe('checks that block nothing', () => {
  function project(): FakeProject {
    return new FakeProject()
      .add('a')
      .add('b')
      .add('both', ['a', 'b'])
      .add('c', ['both'])
      .check('failing', ['a', 'b'], { result: 'fail' })
  }

  test('fail and count, and downstream assets are built', async () => {
    const waived = project().policy('b', { checks: { block: 'never' } })
    const { steps, result, events } = await waived.materialize()
    expect(result.outcome).toBe('failed')
    expect(result.counts).toMatchObject({ failed: 1, built: 4, blocked: 0 })
    expect(steps.at(-1)).toBe('failing: failed')
    const problem = events.flatMap((event) =>
      event.event === 'step_finished' && event.outcome.state === 'failed'
        ? [event.outcome.problem.message]
        : [],
    )
    expect(problem).toEqual([
      'check failing failed: 3 rows; it blocks nothing: b has checks: {block: never}',
    ])
    const verdict = (await waived.status()).get('failing')
    expect(verdict?.state === 'stale' && verdict.reasons[0].message).toContain('blocks nothing')
  })

  test('block as usual if no asset that they read has the policy', async () => {
    const held = project().policy('c', { checks: { block: 'never' } })
    const { steps } = await held.materialize()
    expect(steps).toContain('both: blocked')
    expect(steps).toContain('c: blocked')
  })

  test('run in a separate batch, after the builds', async () => {
    const waived = project().policy('a', { checks: { block: 'never' } })
    expect((await waived.materialize()).batches).toEqual([['a', 'b', 'both', 'c'], ['failing']])
  })
})
