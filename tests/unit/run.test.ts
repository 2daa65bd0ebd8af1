import { describe, expect, it } from 'vitest'
import { FakeProject } from '../rig/fake-project.ts'

/** raw → stg (view) → fact → report, and a dimension beside it. */
function pipeline(): FakeProject {
  return new FakeProject()
    .raw('raw')
    .raw('raw_dim')
    .view('stg', ['raw'])
    .view('stg_dim', ['raw_dim'])
    .add('fact', ['stg'])
    .add('dim', ['stg_dim'])
    .add('report', ['fact', 'dim'])
}

describe('a first run', () => {
  it('builds everything: all streams in one batch, all of dbt in the next', async () => {
    const project = pipeline()
    const { result, batches } = await project.materialize()
    expect(result.outcome).toBe('succeeded')
    expect(batches).toEqual([
      ['raw', 'raw_dim'],
      ['stg', 'stg_dim', 'fact', 'dim', 'report'],
    ])
  })

  it('builds exactly the ancestors of what was named', async () => {
    const { steps } = await pipeline().materialize(['fact'])
    expect(steps).toEqual(['raw: built', 'stg: built', 'fact: built'])
  })

  it('leaves nothing to do', async () => {
    const project = pipeline()
    await project.materialize()
    const { steps, batches, result } = await project.materialize()
    expect([steps, batches, result.outcome]).toEqual([[], [], 'succeeded'])
    expect([...(await project.status()).values()].every(({ state }) => state === 'fresh')).toBe(
      true,
    )
  })
})

describe('a change in the source', () => {
  it('rebuilds what it touches and nothing beside it', async () => {
    const project = pipeline()
    await project.materialize()
    project.change('raw', { source: 'more rows' })
    const { steps } = await project.materialize()
    expect(steps).toEqual(['raw: built', 'fact: built', 'report: built'])
  })

  it('shows as one stale asset and pending ones below it', async () => {
    const project = pipeline()
    await project.materialize()
    project.change('raw', { source: 'more rows' })
    const verdicts = await project.status()
    expect(verdicts.get('raw')?.state).toBe('stale')
    expect(verdicts.get('stg')?.state).toBe('fresh')
    expect(verdicts.get('fact')).toEqual({ state: 'pending', on: ['stg'] })
    expect(verdicts.get('dim')?.state).toBe('fresh')
  })

  it('that a view drops travels no further', async () => {
    const project = pipeline().change('stg', { constant: 'the kept columns' })
    await project.materialize()
    project.change('raw', { source: 'a bumped last_update' })
    const { steps } = await project.materialize()
    expect(steps).toEqual(['raw: built', 'fact: released', 'report: released'])
  })

  it('that a checked view drops releases its checks, and they hold nothing up', async () => {
    const project = pipeline().change('stg', { constant: 'the kept columns' })
    project.check('unique_stg', ['stg']).add('deep', ['report'])
    await project.materialize()
    project.change('raw', { source: 'a bumped last_update' })
    const { steps, result } = await project.materialize()
    expect(result.outcome).toBe('succeeded')
    expect(steps.filter((step) => !step.endsWith('released'))).toEqual(['raw: built'])
    expect(steps).toContain('deep: released')
  })

  it('that gives the same rows releases all below, in the same run', async () => {
    const project = pipeline()
    project.change('fact', { constant: 'totals' })
    await project.materialize()
    project.change('raw', { source: 'other rows, same totals' })
    const { steps } = await project.materialize()
    expect(steps).toEqual(['raw: built', 'fact: unchanged', 'report: released'])
  })
})

describe('a change of code', () => {
  it('of a view rebuilds the view and, where it shows something else, what reads it', async () => {
    const project = pipeline()
    await project.materialize()
    project.change('stg', { code: 'another select' })
    const { steps } = await project.materialize()
    expect(steps).toEqual(['stg: built', 'fact: built', 'report: built'])
  })

  it('says which part changed', async () => {
    const project = pipeline()
    await project.materialize()
    project.change('fact', { code: 'another select' })
    const verdict = (await project.status()).get('fact')
    expect(verdict?.state === 'stale' && verdict.reasons[0].message).toBe('its code changed: model')
  })
})

describe('what somebody else did', () => {
  it('a dropped table is missing', async () => {
    const project = pipeline()
    await project.materialize()
    project.tables.delete('fact')
    const verdict = (await project.status()).get('fact')
    expect(verdict?.state === 'stale' && verdict.reasons[0].reason).toBe('missing')
    expect((await project.materialize()).steps).toEqual(['fact: unchanged', 'report: released'])
  })

  it('an edited table is drifted, and rebuilt', async () => {
    const project = pipeline()
    await project.materialize()
    project.tables.set('fact', 'edited')
    const verdict = (await project.status()).get('fact')
    expect(verdict?.state === 'stale' && verdict.reasons[0].reason).toBe('drifted')
    expect((await project.materialize()).steps).toEqual(['fact: unchanged', 'report: released'])
  })

  it('an edited table whose policy adopts is taken as it is', async () => {
    const project = pipeline()
    project.change('fact', { policy: { ...project.assets.get('fact')!.policy, onDrift: 'adopt' } })
    await project.materialize()
    project.tables.set('fact', 'edited')
    expect((await project.materialize()).steps).toEqual(['fact: adopted', 'report: built'])
    expect((await project.materialize()).steps).toEqual([])
  })
})

describe('failure', () => {
  it('blocks what is below and nothing else; the mended rest is all that the same command builds', async () => {
    const project = pipeline().change('fact', { fails: true })
    const first = await project.materialize()
    expect(first.result.outcome).toBe('failed')
    expect(first.steps).toContain('fact: failed')
    expect(first.steps).toContain('report: blocked')
    expect(first.steps).toContain('dim: built')
    project.change('fact', { fails: false })
    const second = await project.materialize()
    expect(second.steps).toEqual(['fact: built', 'report: built'])
  })

  it('of an error check blocks what is below all it reads', async () => {
    const project = pipeline().check('unique_fact', ['fact'], { result: 'fail' })
    const { steps, result } = await project.materialize()
    expect(result.outcome).toBe('failed')
    expect(steps).toContain('fact: built')
    expect(steps).toContain('report: blocked')
    project.checks.get('unique_fact')!.result = 'pass'
    expect((await project.materialize()).steps).toEqual(['unique_fact: checked', 'report: built'])
  })

  it('of a warn check blocks nothing', async () => {
    const project = pipeline().check('odd', ['fact'], { severity: 'warn', result: 'warn' })
    const { steps, result } = await project.materialize()
    expect(result.outcome).toBe('succeeded')
    expect(steps).toContain('report: built')
    expect((await project.materialize()).steps).toEqual([])
  })

  it('of a new check above a fresh table still blocks what is stale further down', async () => {
    const project = pipeline().add('deep', ['report'])
    await project.materialize()
    project.check('new_check', ['fact'], { result: 'fail' })
    project.change('deep', { code: 'changed' })
    const { steps } = await project.materialize()
    expect(steps).toEqual(['new_check: failed', 'deep: blocked'])
  })
})

describe('checks', () => {
  it('that read something not asked for wait, and fail nobody', async () => {
    const project = pipeline().check('relationships', ['fact', 'dim'])
    const { steps, result } = await project.materialize(['fact'])
    expect(result.outcome).toBe('succeeded')
    expect(steps).toEqual(['raw: built', 'stg: built', 'fact: built'])
    expect((await project.status()).get('relationships')?.state).toBe('stale')
  })

  it('run again when what they read changed', async () => {
    const project = pipeline().check('unique_fact', ['fact'])
    await project.materialize()
    project.change('raw', { source: 'more' })
    const { steps } = await project.materialize()
    expect(steps).toEqual(['raw: built', 'fact: built', 'unique_fact: checked', 'report: built'])
  })
})

describe('scope', () => {
  it('--only builds just the selection, from what is there', async () => {
    const project = pipeline()
    await project.materialize()
    project.change('raw', { source: 'more' }).change('fact', { code: 'changed' })
    expect((await project.materialize(['fact'], { only: true })).steps).toEqual(['fact: built'])
    expect((await project.status()).get('raw')?.state).toBe('stale')
  })

  it('--only blocks where an input is not there', async () => {
    const { steps, result } = await pipeline().materialize(['fact'], { only: true })
    expect([steps, result.outcome]).toEqual([['fact: blocked'], 'failed'])
  })

  it('an external that is not there blocks its readers and lets the rest run', async () => {
    const project = pipeline().external('prices', null).add('priced', ['prices', 'dim'])
    const { steps, result } = await project.materialize()
    expect(result.outcome).toBe('failed')
    expect(steps).toContain('priced: blocked')
    expect(steps).toContain('report: built')
  })
})

describe('a failure that may pass', () => {
  it('is tried again as often as the policy says, and nothing below is blocked meanwhile', async () => {
    const project = pipeline()
    const policy = { ...project.assets.get('raw')!.policy, retries: 2 }
    project.change('raw', { policy, fails: true, transient: true })
    let tries = 0
    project.onBuild = (name) => {
      if (name === 'raw' && ++tries === 3) project.change('raw', { fails: false })
    }
    const { result, steps } = await project.materialize(['fact'])
    expect([result.outcome, tries]).toEqual(['succeeded', 3])
    expect(steps).toEqual(['raw: built', 'stg: built', 'fact: built'])
  })

  it('is a failure once the tries are used up', async () => {
    const project = pipeline()
    const policy = { ...project.assets.get('raw')!.policy, retries: 1 }
    project.change('raw', { policy, fails: true, transient: true })
    const { result, steps } = await project.materialize(['fact'])
    expect(result.outcome).toBe('failed')
    expect(steps).toEqual(['raw: failed', 'stg: blocked', 'fact: blocked'])
  })
})
