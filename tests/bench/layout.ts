import { dagOf, type Edge, topological } from '../../framework/ui/layout/dag.ts'
import { layout } from '../../framework/ui/layout/layout.ts'
import { alternate, resultLine } from './measure.ts'

// The layout of the graph page, compared with a topological order of the same graph: the least that a layered
// drawing has to compute. The ratio shows a quadratic step as soon as the graph is large.

const ROUNDS = 5

interface Case {
  readonly name: string
  readonly size: number
  readonly edges: readonly Edge[]
  /** Calls in one measurement, so that it is long enough. */
  readonly calls: number
  readonly goal: number | null
}

export async function benchLayout(print: (line: string) => void): Promise<void> {
  for (const { name, size, edges, calls, goal } of cases()) {
    const sizes = { width: () => 160, height: 44, gapX: 56, gapY: 14 }
    const drawn = layout({ size, edges, ...sizes })
    const ours = () => secondsFor(calls, () => layout({ size, edges, ...sizes }))
    const order = () => secondsFor(50 * calls, () => topological(dagOf(size, edges)))
    const measured = await alternate(ROUNDS, ours, async () => (await order()) / 50)
    const each = { ...measured, ours: measured.ours / calls, peer: measured.peer / calls }
    const milliseconds = `${(each.ours * 1000).toFixed(1)} ms, ${drawn.crossings} crossings`
    print(`${resultLine(name, 'in order', goal, each)}   ${milliseconds}`)
  }
}

async function secondsFor(calls: number, work: () => unknown): Promise<number> {
  const startedAt = performance.now()
  for (let call = 0; call < calls; call++) work()
  return (performance.now() - startedAt) / 1000
}

function cases(): readonly Case[] {
  const range = (count: number) => Array.from({ length: count }, (_, k) => k)
  return [
    { name: '61 nodes, 90 edges', size: 61, edges: warehouse(61, 90), calls: 20, goal: 800 },
    {
      name: '1,000 nodes, 1,500 edges',
      size: 1_000,
      edges: warehouse(1_000, 1_500),
      calls: 1,
      goal: 800,
    },
    {
      name: '10,000 nodes, 50,000 edges',
      size: 10_000,
      edges: warehouse(10_000, 50_000),
      calls: 1,
      goal: 800,
    },
    {
      name: 'a chain of 500',
      size: 500,
      edges: range(499).map((k): Edge => [k, k + 1]),
      calls: 5,
      goal: 100,
    },
    {
      name: 'a fan-in of 2,000',
      size: 2_001,
      edges: range(2_000).map((k): Edge => [k, 2_000]),
      calls: 2,
      goal: 100,
    },
    { name: '10,000 nodes without edges', size: 10_000, edges: [], calls: 2, goal: 100 },
  ]
}

/** Nodes that read nodes shortly before them, as models do; the same ones on each call. */
function warehouse(size: number, count: number): readonly Edge[] {
  const reach = Math.max(16, Math.round(size / 10))
  const found = new Set<number>()
  let state = 0x9e3779b1
  while (found.size < count) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const to = 1 + ((state >>> 0) % (size - 1))
    const back = 1 + ((((state >>> 0) / size) >>> 0) % Math.min(to, reach))
    found.add((to - back) * size + to)
  }
  return [...found].map((key): Edge => [Math.floor(key / size), key % size])
}
