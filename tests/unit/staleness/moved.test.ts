import { expect, test } from 'vitest'
import type { Definition } from '../../../framework/model/definition.ts'
import type { Observation } from '../../../framework/model/observation.ts'
import { decide } from '../../../framework/staleness/decide.ts'
import { type Settling, settle } from '../../../framework/staleness/settle.ts'
import type { AssetFacts } from '../../../framework/staleness/world.ts'
import { record } from '../../contract/suites/state.ts'
import { plainAsset } from '../../rig/asset.ts'

/** Facts of an asset that was built at `main.a`; every gate says that nothing changed. */
const factsAt = (relation: string): AssetFacts => ({
  asset: plainAsset('a', { kind: 'dbt' }),
  definition: {
    ...{ asset: 'a', kind: 'dbt', form: 'stored', codeVersion: 'code-1', parts: [], relation },
    ...{ accumulates: 'no', outputs: [], unit: null, dataVersion: 'content', onDrift: 'rebuild' },
    ...{ clock: false, build: null },
  } as Definition,
  record: record('a', { shape: { relation: 'main.a', columns: 'c' } }),
  journal: null,
  forced: null,
  observation: {
    ...{ at: 9, found: { state: 'recorded' }, probe: { answer: 'unchanged' } },
  } as Observation,
  lastObserved: null,
})

const how: Settling = {
  ...{ now: 10, purpose: 'run', inRun: false, inlined: null, remembered: new Map() },
}

test('a proof that nothing changed says nothing of another relation', () => {
  const facts = factsAt('analytics.a')
  const verdict = decide(facts, [], 10, null)
  expect(verdict).toEqual({
    state: 'stale',
    reasons: [
      { reason: 'missing', message: 'it belongs at analytics.a now; run 1 built it at main.a' },
    ],
  })
  expect(settle(facts, verdict, [], how)).toEqual({ state: 'unknown' })
})

test('it does of the recorded one, in any case of letters', () => {
  const facts = factsAt('MAIN.A')
  const verdict = decide(facts, [], 10, null)
  expect(verdict).toEqual({ state: 'fresh' })
  expect(settle(facts, verdict, [], how)).toMatchObject({ state: 'settled' })
})
