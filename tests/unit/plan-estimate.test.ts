import { expect, test } from 'vitest'
import { buildGraph } from '../../framework/graph/graph.ts'
import type { PlanStep } from '../../framework/model/step.ts'
import { forecast } from '../../framework/plan/estimate.ts'
import { plainAsset } from '../rig/asset.ts'

const asset = (name: string, deps: readonly string[] = []) => plainAsset(name, { deps })

/** raw → view → fact, and two separate dimensions. */
function graphOf() {
  const built = buildGraph(
    [
      asset('raw'),
      asset('view', ['raw']),
      asset('fact', ['view']),
      asset('dim_a', ['raw']),
      asset('dim_b', ['raw']),
      asset('old'),
    ],
    [],
  )
  if (!built.ok) throw new Error('a cycle')
  return built.value
}

const step = (asset: string, verdict: PlanStep['verdict'] = 'pending') => ({
  asset,
  action: 'build' as const,
  full: true,
  verdict,
  reasons: [],
  pendingOn: [],
  batch: 1,
})

const steps = [step('raw', 'stale'), step('dim_a'), step('dim_b'), step('fact')]
const SECONDS = { raw: 10, dim_a: 4, dim_b: 4, fact: 6 }
const durations = new Map<string, number>(Object.entries(SECONDS))

test('the estimate is at least the longest chain, also through assets without a step', () => {
  const estimated = forecast(graphOf(), { steps, fresh: ['view', 'old'] }, durations, 8)
  expect(estimated.estimate).toEqual({ low: 10, high: 16 })
  expect(estimated.criticalPath).toEqual([
    { asset: 'raw', seconds: 10 },
    { asset: 'fact', seconds: 6 },
  ])
  expect(estimated.steps.map(({ asset, estimateSeconds }) => [asset, estimateSeconds])).toEqual(
    Object.entries(SECONDS),
  )
})

test('the estimate is at least the total work divided by the lanes', () => {
  const estimated = forecast(graphOf(), { steps, fresh: [] }, durations, 1)
  expect(estimated.estimate).toEqual({ low: 10, high: 24 })
})

test('steps without a time are counted, not guessed', () => {
  const graph = graphOf()
  const { fact: _, ...known } = SECONDS
  expect(forecast(graph, { steps, fresh: [] }, new Map(Object.entries(known)), 8)).toMatchObject({
    estimate: { low: 10, high: 14 },
    untimed: 1,
  })
  expect(forecast(graph, { steps, fresh: [] }, new Map(), 8)).toMatchObject({
    estimate: null,
    criticalPath: [],
    untimed: 4,
  })
})

test('the time of fresh assets is the time saved', () => {
  const all = new Map([...durations, ['old', 3]] as const)
  const estimated = forecast(graphOf(), { steps, fresh: ['view', 'old'] }, all, 2)
  expect(estimated.skippedSeconds).toBe(3)
})
