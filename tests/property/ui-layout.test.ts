import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fold } from '../../framework/ui/layout/fold.ts'
import { type Layout, type LayoutInput, layout } from '../../framework/ui/layout/layout.ts'
import { neighbourhood } from '../../framework/ui/layout/neighbourhood.ts'
import { acyclic, isAcyclic, type PlainGraph } from '../rig/graphs.ts'

const HEIGHT = 44
const GAP_X = 56
const GAP_Y = 14

function inputOf({ size, edges }: PlainGraph, before?: ReadonlyMap<number, number>): LayoutInput {
  const sizes = { height: HEIGHT, gapX: GAP_X, gapY: GAP_Y }
  const input = { size, edges, width: (node: number) => 100 + (node % 5) * 20, ...sizes }
  return before === undefined ? input : { ...input, before }
}

const placesOf = ({ y }: Layout) => new Map(y.entries())
const runs = { seed: 7, numRuns: 300 }

test('every edge leads to a later layer, and its points from left to right', () => {
  fc.assert(
    fc.property(acyclic(40), (graph) => {
      const { width } = inputOf(graph)
      const drawn = layout(inputOf(graph))
      graph.edges.forEach(([from, to], k) => {
        expect(drawn.layer[from]).toBeLessThan(drawn.layer[to]!)
        const points = drawn.bends[k]!
        expect(points.slice(0, 2)).toEqual([
          drawn.x[from]! + width(from),
          drawn.y[from]! + HEIGHT / 2,
        ])
        expect(points.slice(-2)).toEqual([drawn.x[to]!, drawn.y[to]! + HEIGHT / 2])
        for (let p = 2; p < points.length; p += 2) expect(points[p]).toBeGreaterThan(points[p - 2]!)
      })
    }),
    runs,
  )
})

test('boxes keep the gaps, start at whole pixels, and are within the drawing', () => {
  fc.assert(
    fc.property(acyclic(40), (graph) => {
      const { width } = inputOf(graph)
      const drawn = layout(inputOf(graph))
      const { x, y } = drawn
      for (let a = 0; a < graph.size; a++) {
        expect(Number.isInteger(y[a])).toBe(true)
        expect(Math.min(x[a]!, y[a]!)).toBeGreaterThanOrEqual(0)
        expect(x[a]! + width(a)).toBeLessThanOrEqual(drawn.width)
        expect(y[a]! + HEIGHT).toBeLessThanOrEqual(drawn.height)
        for (let b = 0; b < a; b++) {
          const isBeside = x[a]! >= x[b]! + width(b) + GAP_Y || x[b]! >= x[a]! + width(a) + GAP_Y
          if (!isBeside) expect(Math.abs(y[a]! - y[b]!)).toBeGreaterThanOrEqual(HEIGHT + GAP_Y)
        }
      }
    }),
    runs,
  )
})

test('edges pass through no box but their own', () => {
  fc.assert(
    fc.property(acyclic(30), (graph) => {
      const { width } = inputOf(graph)
      const { x, y, bends } = layout(inputOf(graph))
      bends.forEach((points, k) => {
        for (let p = 0; p + 2 < points.length; p += 2) {
          const [fromX, fromY, toX, toY] = points.slice(p, p + 4) as [
            number,
            number,
            number,
            number,
          ]
          const [low, high] = [Math.min(fromY, toY), Math.max(fromY, toY)]
          for (let box = 0; box < graph.size; box++) {
            if (graph.edges[k]!.includes(box)) continue
            const isApartX = toX <= x[box]! || fromX >= x[box]! + width(box)
            const isApartY = high <= y[box]! || low >= y[box]! + HEIGHT
            expect(isApartX || isApartY).toBe(true)
          }
        }
      })
    }),
    runs,
  )
})

test('equal graphs get equal drawings', () => {
  fc.assert(
    fc.property(acyclic(40), (graph) => {
      expect(layout(inputOf(graph))).toEqual(layout(inputOf(graph)))
    }),
    { ...runs, numRuns: 100 },
  )
})

test('a graph that did not change keeps its drawing', () => {
  fc.assert(
    fc.property(acyclic(40), fc.nat(), (graph, some) => {
      const drawn = layout(inputOf(graph))
      expect(layout(inputOf(graph, placesOf(drawn)))).toEqual(drawn)
      // Also when the drawing before was not made at once.
      const part = new Map([...placesOf(drawn)].filter(([node]) => (node * 7 + some) % 3 > 0))
      const again = layout(inputOf(graph, part))
      expect(layout(inputOf(graph, placesOf(again)))).toEqual(again)
    }),
    runs,
  )
})

test('one more node leaves almost all others in their order', () => {
  let [pairs, turned] = [0, 0]
  fc.assert(
    fc.property(acyclic(40), fc.nat(), fc.nat(), ({ size, edges }, one, other) => {
      const old = layout(inputOf({ size, edges }))
      const more = [[one % size, size] as const]
      if (one % size !== other % size) more.push([other % size, size])
      const now = layout(inputOf({ size: size + 1, edges: [...edges, ...more] }, placesOf(old)))
      for (let a = 0; a < size; a++) {
        for (let b = 0; b < a; b++) {
          if (old.layer[a] !== old.layer[b] || now.layer[a] !== now.layer[b]) continue
          if (old.x[a] !== old.x[b] || now.x[a] !== now.x[b]) continue
          pairs += 1
          if (old.y[a]! < old.y[b]! !== now.y[a]! < now.y[b]!) turned += 1
        }
      }
    }),
    runs,
  )
  expect(pairs).toBeGreaterThan(1_000)
  expect(turned / pairs).toBeLessThan(0.03)
})

test('folding stays acyclic and counts every node and every edge once', () => {
  const groups = fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { freq: 8 }), {
    minLength: 30,
    maxLength: 30,
  })
  fc.assert(
    fc.property(acyclic(30), groups, fc.subarray(['a', 'b', 'c', 'd']), (graph, groupOf, open) => {
      const unfolded = new Set(open)
      const folded = fold({ ...graph, groupOf: (node) => groupOf[node]!, unfolded })
      const { boxes, boxOf, edges, counts } = folded
      expect(isAcyclic({ size: boxes.length, edges })).toBe(true)
      const nodes = boxes.flatMap((box) => box.nodes).sort((a, b) => a - b)
      expect(nodes).toEqual(Array.from({ length: graph.size }, (_, node) => node))
      boxes.forEach((box, k) => {
        for (const node of box.nodes) {
          expect(boxOf[node]).toBe(k)
          const name = groupOf[node]!
          expect(box.group).toBe(name === null || unfolded.has(name) ? null : name)
        }
        if (box.group === null) expect(box.nodes).toHaveLength(1)
        const parts = boxes.filter(({ group }) => group !== null && group === box.group)
        if (box.group !== null) expect(parts.length).toBe(box.parts)
      })
      const between = graph.edges.filter(([from, to]) => boxOf[from] !== boxOf[to])
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(between.length)
      const keys = edges.map(([from, to]) => `${from} ${to}`)
      expect(new Set(keys).size).toBe(keys.length)
      expect(new Set(between.map(([from, to]) => `${boxOf[from]} ${boxOf[to]}`))).toEqual(
        new Set(keys),
      )
    }),
    runs,
  )
})

test('a neighbourhood counts everything that it leaves out', () => {
  const levels = fc.nat({ max: 3 })
  fc.assert(
    fc.property(
      acyclic(30),
      fc.nat(),
      levels,
      levels,
      fc.integer({ min: 1, max: 12 }),
      (graph, some, up, down, limit) => {
        const node = some % graph.size
        const near = neighbourhood(graph, node, up, down, limit)
        const isIn = new Set(near.nodes)
        expect(isIn.has(node)).toBe(true)
        expect(near.nodes.length).toBeLessThanOrEqual(limit)
        for (const one of near.nodes) {
          const inputs = graph.edges.filter(([from, to]) => to === one && !isIn.has(from))
          const readers = graph.edges.filter(([from, to]) => from === one && !isIn.has(to))
          expect(near.inputsLeftOut.get(one) ?? 0).toBe(inputs.length)
          expect(near.readersLeftOut.get(one) ?? 0).toBe(readers.length)
        }
        const inside = graph.edges.filter(([from, to]) => isIn.has(from) && isIn.has(to))
        expect(near.edges).toEqual(inside)
      },
    ),
    runs,
  )
})
