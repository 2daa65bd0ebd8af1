import { expect, test } from 'vitest'
import { settle } from '../../../framework/staleness/settle.ts'
import type { AssetFacts } from '../../../framework/staleness/world.ts'
import { plainAsset } from '../../rig/asset.ts'

/** An asset outside the run that is not fresh, although what exists is as recorded. */
function settledOutside(token: string | null) {
  const facts = {
    asset: plainAsset('e', { kind: 'dbt', spec: {} }),
    definition: { form: 'stored', dataVersion: 'content' },
    record: { dataVersion: 'c:x:1', shape: null, installed: 'view', token },
    observation: { at: 1, found: { state: 'recorded' }, probe: { answer: 'not_asked' } },
    lastObserved: null,
  } as unknown as AssetFacts
  const stale = { state: 'stale', reasons: [{ reason: 'code', message: '' }] } as const
  const how = { now: 1, purpose: 'run', inRun: false, inlined: null, remembered: new Map() }
  return settle(facts, stale, [], how as Parameters<typeof settle>[3])
}

test('a view over files counts at its recorded content, a view that became a table is unknown', () => {
  expect(settledOutside('files')).toEqual({ state: 'settled', version: 'c:x:1', shape: null })
  expect(settledOutside(null)).toEqual({ state: 'unknown' })
})
