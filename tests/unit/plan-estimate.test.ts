import { expect, test } from 'vitest'
import { buildGraph } from '../../framework/graph/graph.ts'
import type { PlanStep } from '../../framework/model/step.ts'
import { forecast } from '../../framework/plan/estimate.ts'
import { plainAsset } from '../rig/asset.ts'

const asset = (name: string, deps: readonly string[] = []) => plainAsset(name, { deps })

/** raw → view → fact, and two dimensions beside them. */
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

const step = (asset: string, seconds: number | null, verdict: PlanStep['verdict'] = 'pending') => ({
  asset,
  action: 'build' as const,
  full: true,
  verdict,
  reasons: [],
  pendingOn: [],
  batch: 1,
  estimateSeconds: seconds,
})

const steps = [step('raw', 10, 'stale'), step('dim_a', 4), step('dim_b', 4), step('fact', 6)]

test('is bound by the longest chain, which leads through what has no step', () => {
  const told = forecast(graphOf(), { steps, fresh: ['view', 'old'] }, new Map(), 8)
  expect(told.estimate).toEqual({ low: 10, high: 16 })
  expect(told.criticalPath).toEqual([
    { asset: 'raw', seconds: 10 },
    { asset: 'fact', seconds: 6 },
  ])
})

test('is bound by all the work, where there is too much of it side by side', () => {
  const told = forecast(graphOf(), { steps, fresh: [] }, new Map(), 1)
  expect(told.estimate).toEqual({ low: 10, high: 24 })
})

test('says how many steps it knows nothing of, and guesses at none', () => {
  const graph = graphOf()
  const some = [...steps.slice(0, 3), step('fact', null)]
  expect(forecast(graph, { steps: some, fresh: [] }, new Map(), 8)).toMatchObject({
    estimate: { low: 10, high: 14 },
    untimed: 1,
  })
  const none = [step('raw', null, 'stale')]
  expect(forecast(graph, { steps: none, fresh: [] }, new Map(), 8)).toMatchObject({
    estimate: null,
    criticalPath: [],
    untimed: 1,
  })
})

test('adds up what is left alone', () => {
  const durations = new Map([
    ['old', 3],
    ['raw', 10],
  ])
  const told = forecast(graphOf(), { steps, fresh: ['view', 'old'] }, durations, 2)
  expect(told.skippedSeconds).toBe(3)
})
