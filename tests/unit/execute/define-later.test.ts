import { describe, expect, test } from 'vitest'
import { FakeProject } from '../../rig/fake-project.ts'

const LATE = { late: true }
const HOUR = 3_600_000

describe('assets that are defined during the run', () => {
  test('are not blocked before they are defined', async () => {
    const project = new FakeProject()
      .external('file', null)
      .ephemeral('e', ['file'])
      .add('t', ['e'])
    const { steps } = await project.materialize(undefined, LATE)
    expect(steps).toEqual(['file: failed', 't: blocked'])
  })

  test('are observed before they are decided', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw'])
    await project.materialize()
    project.tables.set('t', 'edited')
    expect((await project.materialize(undefined, LATE)).steps).toEqual(['t: unchanged'])
  })

  test('are decided for the time of the run', async () => {
    const project = new FakeProject().add('t').policy('t', { freshness: { maxAge: HOUR } })
    await project.materialize()
    project.now += 2 * HOUR
    expect((await project.materialize(undefined, LATE)).steps).toEqual(['t: unchanged'])
  })

  test('leave a step that waits for another try as it is', async () => {
    const project = new FakeProject().raw('raw').policy('raw', { retries: 1 }).add('t', ['raw'])
    project.change('raw', { fails: true, transient: true })
    let endDefinition = () => {}
    project.defining = () => new Promise((resolve) => (endDefinition = resolve))
    project.timer = (_milliseconds, call) => {
      project.change('raw', { fails: false })
      endDefinition()
      setImmediate(call)
      return () => {}
    }
    const { steps, events } = await project.materialize(undefined, LATE)
    expect(steps).toEqual(['raw: built', 't: built'])
    const reasons = events.flatMap((event) =>
      event.event === 'step_started' && event.asset === 'raw'
        ? [event.reasons.map(({ reason }) => reason)]
        : [],
    )
    expect(reasons).toEqual([['missing'], ['missing']])
  })

  test('are not waited for if the run needs none of them', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).check('c', ['raw'])
    expect((await project.materialize(['raw'], LATE)).steps).toEqual(['raw: built'])
  })

  test('bring checks that may need the version of a view outside the run', async () => {
    const project = new FakeProject().raw('raw').add('t', ['raw']).view('v', ['raw'])
    project.check('c', ['t', 'v'])
    await project.materialize()
    project.change('raw', { source: 'more' })
    const { steps } = await project.materialize(['t'], LATE)
    expect(steps).toEqual(['raw: built', 't: built', 'c: checked'])
    expect((await project.status()).get('c')).toEqual({ state: 'fresh' })
  })
})

describe('a mistake that is found during the run', () => {
  test.each([
    ['two assets write one relation', 'output-conflict', { alias: 'a' }],
    ['a policy is unfit', 'data-version-unfit', { form: 'view' }],
  ] as const)('fails what it concerns: %s', async (_, code, more) => {
    const project = new FakeProject().raw('raw').add('a', ['raw']).add('b', ['raw'], more)
    if (code === 'data-version-unfit') project.policy('b', { dataVersion: 'change_token' })
    const { result, steps, batches, events } = await project.materialize(undefined, LATE)
    expect(steps.toSorted()).toEqual(['a: failed', 'b: failed', 'raw: built'])
    expect([result.outcome, result.misconfigured, batches]).toEqual(['failed', true, [['raw']]])
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'step_finished',
        outcome: { state: 'failed', problem: expect.objectContaining({ code }) },
      }),
    )
  })
})
