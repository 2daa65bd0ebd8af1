import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../framework/graph/graph.ts'
import { forecast } from '../../framework/plan/estimate.ts'
import { type Left, type OpenStep, RemainingWork } from '../../framework/plan/time-left.ts'
import { plainAsset } from '../rig/asset.ts'

const asset = (name: string, deps: readonly string[] = []) => plainAsset(name, { deps })

function graphOf(assets: readonly ReturnType<typeof asset>[]) {
  const built = buildGraph(assets, [])
  if (!built.ok) throw new Error('a cycle')
  return built.value
}

/** raw → view → fact, and a dimension beside it. The view is no step. */
function stage(lanes: number) {
  const graph = graphOf([
    asset('raw'),
    asset('view', ['raw']),
    asset('fact', ['view']),
    asset('dim', ['raw']),
  ])
  const steps = new Map<string, Left>([
    ['raw', { seconds: 10, isCertain: true }],
    ['fact', { seconds: 6, isCertain: false }],
    ['dim', { seconds: 4, isCertain: false }],
  ])
  const left = (node: number): Left => steps.get(graph.names[node]!) ?? 'no step'
  const work = new RemainingWork(graph, (node) => left(node) !== 'no step', lanes)
  return { steps, left: () => work.left(left) }
}

test('is the longest chain that is left, also through what is no step', () => {
  const { steps, left } = stage(8)
  expect(left()).toEqual({ secondsLeft: { low: 10, high: 16 }, untimed: 0 })
  steps.set('raw', { seconds: 3, isCertain: true })
  expect(left().secondsLeft).toEqual({ low: 3, high: 9 })
  steps.set('raw', 'ended')
  expect(left().secondsLeft).toEqual({ low: 0, high: 6 })
  steps.set('fact', { seconds: 5, isCertain: true })
  expect(left().secondsLeft).toEqual({ low: 5, high: 5 })
  for (const name of ['fact', 'dim']) steps.set(name, 'ended')
  expect(left()).toEqual({ secondsLeft: { low: 0, high: 0 }, untimed: 0 })
})

test('is at least the work that is left, divided by the lanes', () => {
  expect(stage(1).left().secondsLeft).toEqual({ low: 10, high: 20 })
})

test('counts steps without a time, and is unknown if there are no others', () => {
  const { steps, left } = stage(8)
  steps.set('raw', { seconds: null, isCertain: true })
  expect(left()).toEqual({ secondsLeft: { low: 0, high: 6 }, untimed: 1 })
  for (const name of ['fact', 'dim']) steps.set(name, { seconds: null, isCertain: false })
  expect(left()).toEqual({ secondsLeft: null, untimed: 3 })
})

const arbitraryRun = fc.record({
  lanes: fc.integer({ min: 1, max: 4 }),
  nodes: fc.array(
    fc.record({
      deps: fc.array(fc.nat(), { maxLength: 3 }),
      step: fc.option(
        fc.record({
          seconds: fc.option(fc.integer({ min: 0, max: 90 }), { freq: 8 }),
          isCertain: fc.boolean(),
        }),
        { freq: 5 },
      ),
    }),
    { minLength: 1, maxLength: 14 },
  ),
  /** Which step goes on next, and by how much. */
  moves: fc.array(fc.record({ step: fc.nat(), by: fc.integer({ min: 1, max: 60 }) })),
})

test('is never negative, falls as steps go on and end, and is zero at the end', () => {
  fc.assert(
    fc.property(arbitraryRun, ({ lanes, nodes, moves }) => {
      const graph = graphOf(
        nodes.map(({ deps }, at) =>
          asset(`a${at}`, at === 0 ? [] : [...new Set(deps.map((dep) => `a${dep % at}`))]),
        ),
      )
      const at = (node: number) => Number(graph.names[node]!.slice(1))
      const steps: Left[] = nodes.map(({ step }) => step ?? 'no step')
      const work = new RemainingWork(graph, (node) => nodes[at(node)]!.step !== null, lanes)
      const look = () => work.left((node) => steps[at(node)]!)
      const planned = nodes.flatMap(({ step }, index) =>
        step === null
          ? []
          : [
              {
                ...{ asset: `a${index}`, action: 'build' as const, full: true, reasons: [] },
                ...{ verdict: step.isCertain ? ('stale' as const) : ('pending' as const) },
                ...{ pendingOn: [], batch: 1 },
              },
            ],
      )
      const durations = new Map(
        nodes.flatMap(({ step }, index) =>
          step?.seconds == null ? [] : [[`a${index}`, step.seconds] as const],
        ),
      )
      let before = look()
      // At first, it is what the plan says.
      const plan = { steps: planned, fresh: [] }
      if (planned.length > 0) {
        expect(before.secondsLeft).toEqual(forecast(graph, plan, durations, lanes).estimate)
      }
      const inOrder = [...graph.order].map(at).filter((index) => nodes[index]!.step !== null)
      const advance = (index: number, by: number) => {
        const step = steps[index]
        if (typeof step !== 'object') return
        const { seconds } = step
        steps[index] =
          seconds !== null && by < seconds
            ? ({ ...step, seconds: seconds - by } satisfies OpenStep)
            : 'ended'
        const now = look()
        if (before.secondsLeft !== null && now.secondsLeft !== null) {
          expect(now.secondsLeft.high).toBeLessThanOrEqual(before.secondsLeft.high + 1e-9)
          expect(now.secondsLeft.low).toBeLessThanOrEqual(before.secondsLeft.low + 1e-9)
        }
        expect(now.secondsLeft?.low ?? 0).toBeGreaterThanOrEqual(0)
        expect(now.secondsLeft?.high ?? 0).toBeGreaterThanOrEqual(now.secondsLeft?.low ?? 0)
        before = now
      }
      for (const { step, by } of moves) {
        if (inOrder.length > 0) advance(inOrder[step % inOrder.length]!, by)
      }
      for (const index of inOrder) advance(index, 1_000)
      expect(look()).toEqual({ secondsLeft: { low: 0, high: 0 }, untimed: 0 })
    }),
    { numRuns: 300 },
  )
})
