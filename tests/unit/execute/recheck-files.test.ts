import { expect, test } from 'vitest'
import { recheck } from '../../../framework/execute/recheck-inputs.ts'
import type { RunState } from '../../../framework/execute/run-state.ts'
import type { Found } from '../../../framework/model/observation.ts'
import type { Kind } from '../../../framework/ports/kind.ts'
import type { Site } from '../../../framework/ports/site.ts'

/** One settled input of a run, which is observed once more after a call. */
async function look(outputs: readonly string[], found: Found) {
  let observed = 0
  const definition = { form: 'stored', relation: 'main.e', outputs, dataVersion: 'content' }
  const record = { run: 1, dataVersion: 'c:x:1', shape: null, installed: 'd', token: 'before' }
  const facts = { asset: { name: 'e', policy: {} }, definition, record, lastObserved: null }
  const runState = {
    name: () => 'e',
    settled: [{ state: 'settled', version: 'c:x:1', shape: null }],
    committed: new Map(),
    world: {
      definition: () => definition,
      kind: () => 'dbt',
      facts: () => ({ ...facts, observation: { found: { state: 'recorded' } } }),
    },
    facts: () => facts,
  } as unknown as RunState
  const kind = {
    async observe() {
      observed++
      const observation = { at: 2, found, probe: { answer: 'not_asked' } }
      const observations = new Map([['e', observation]])
      return { ok: true, value: { observations, positions: new Map(), problems: [] } }
    },
  } as unknown as Kind
  const options = { kinds: new Map([['dbt', kind]]), site: {} as Site, isExclusive: true }
  const { moved } = await recheck(runState, [0], new Map(), options)
  return { moved, observed }
}

test('after a call that kept others out of the warehouse, files behind views are looked at again', async () => {
  const changed: Found = {
    state: 'present',
    version: 'c:x:2',
    shape: null,
    installed: 'd',
    token: 'after',
    rows: 1,
  }
  expect(await look(['e.parquet'], changed)).toEqual({ moved: [0], observed: 1 })
  expect(await look(['e.parquet'], { state: 'recorded' })).toEqual({ moved: [], observed: 1 })
  expect(await look([], changed)).toEqual({ moved: [], observed: 0 })
})
