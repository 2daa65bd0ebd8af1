import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph, type Graph } from '../../../framework/graph/graph.ts'
import { ancestors } from '../../../framework/graph/reach.ts'

interface Sketch {
  readonly assets: readonly { name: string; deps: readonly string[]; file: string }[]
  readonly checks: readonly { name: string; reads: readonly string[]; severity: 'error' | 'warn' }[]
}

/** Random acyclic assets, declared in random order, with random checks. */
const sketches: fc.Arbitrary<Sketch> = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 40 }),
    fc.array(fc.tuple(fc.array(fc.nat(), { maxLength: 4 }), fc.boolean()), { maxLength: 30 }),
  )
  .map(([rows, questions]) => {
    const name = (k: number) => `n${k}`
    const assets = rows.map(([first, second], k) => ({
      name: name(k),
      deps: k === 0 ? [] : [...new Set([name(first % k), name(second % (k + 1))])],
      file: 'assets.yaml',
      key: first * 31 + second,
    }))
    for (const asset of assets) asset.deps = asset.deps.filter((dep) => dep !== asset.name)
    return {
      assets: assets.toSorted((a, b) => a.key - b.key),
      checks: questions.map(([reads, isError], k) => ({
        name: `check_${k}`,
        reads: reads.map((read) => name(read % rows.length)),
        severity: isError ? 'error' : 'warn',
      })),
    }
  })

function graphOf({ assets, checks }: Sketch): Graph {
  const built = buildGraph(assets, checks)
  if (!built.ok) throw new Error('the sketch has a cycle')
  return built.value
}

test('the order has each node once, after its inputs and gates', () => {
  fc.assert(
    fc.property(sketches, (sketch) => {
      const graph = graphOf(sketch)
      const place = new Int32Array(graph.size).fill(-1)
      graph.order.forEach((node, k) => {
        place[node] = k
      })
      expect(place.includes(-1)).toBe(false)
      for (let node = 0; node < graph.size; node++) {
        for (const before of [...graph.inputs(node), ...graph.gates(node)]) {
          expect(place[before]).toBeLessThan(place[node]!)
        }
      }
    }),
    { seed: 7, numRuns: 500 },
  )
})

test('a check gates the topmost assets below all its inputs', () => {
  fc.assert(
    fc.property(sketches, (sketch) => {
      const graph = graphOf(sketch)
      sketch.checks.forEach(({ severity }, k) => {
        const check = graph.assetCount + k
        const reads = [...graph.inputs(check)]
        const isBelow = (node: number) => {
          const above = ancestors(graph, graph.inputs(node))
          return reads.length > 0 && reads.every((read) => above[read] === 1)
        }
        const below = Array.from({ length: graph.assetCount }, (_, node) => isBelow(node))
        const frontier = below.flatMap((is, node) =>
          is && ![...graph.inputs(node)].some((input) => below[input]) ? [node] : [],
        )
        const gated = [...graph.gated(check)].sort((a, b) => a - b)
        // A check of one asset gates all its direct readers, even if one reads another.
        const direct = below.flatMap((is, node) =>
          is && graph.inputs(node).includes(reads[0]!) ? [node] : [],
        )
        const expected = reads.length === 1 ? direct : frontier
        expect(gated).toEqual(severity === 'error' ? expected : [])
        for (const node of gated) expect(graph.gates(node)).toContain(check)
      })
    }),
    { seed: 7, numRuns: 500 },
  )
})
