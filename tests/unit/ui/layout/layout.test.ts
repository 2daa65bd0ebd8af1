import { expect, test } from 'vitest'
import { type Layout, layout } from '../../../../framework/ui/layout/layout.ts'
import type { Edges } from '../../../rig/graphs.ts'

const draw = (size: number, edges: Edges, before?: ReadonlyMap<number, number>): Layout =>
  layout({
    size,
    edges,
    width: () => 100,
    height: 40,
    gapX: 50,
    gapY: 10,
    ...(before && { before }),
  })

test('nothing has no size', () => {
  const drawn = draw(0, [])
  expect([drawn.width, drawn.height, drawn.crossings]).toEqual([0, 0, 0])
})

test('a chain is one straight line', () => {
  const drawn = draw(3, [
    [0, 1],
    [1, 2],
  ])
  expect([...drawn.x]).toEqual([0, 150, 300])
  expect([...drawn.y]).toEqual([0, 0, 0])
  expect([drawn.width, drawn.height]).toEqual([400, 40])
  expect(drawn.bends[0]).toEqual([100, 20, 150, 20])
})

test('a reader is in the middle of its inputs', () => {
  const drawn = draw(4, [
    [0, 3],
    [1, 3],
    [2, 3],
  ])
  expect([...drawn.y]).toEqual([0, 50, 100, 50])
})

test('an input is next to its first reader, not at the left end', () => {
  const drawn = draw(4, [
    [0, 1],
    [1, 2],
    [3, 2],
  ])
  expect([...drawn.layer]).toEqual([0, 1, 2, 1])
})

test('crossings that can be avoided are', () => {
  const drawn = draw(6, [
    [0, 5],
    [1, 4],
    [2, 3],
    [0, 4],
    [1, 3],
  ])
  expect(drawn.crossings).toBe(0)
  const complete = draw(4, [
    [0, 2],
    [0, 3],
    [1, 2],
    [1, 3],
  ])
  expect(complete.crossings).toBe(1)
})

test('a long edge passes beside the boxes, horizontally', () => {
  const drawn = draw(3, [
    [0, 1],
    [1, 2],
    [0, 2],
  ])
  const points = drawn.bends[2]!
  expect(points).toHaveLength(8)
  expect(points.slice(2, 6)).toEqual([150, points[3], 250, points[3]])
  expect(Math.abs(points[3]! - (drawn.y[1]! + 20))).toBeGreaterThanOrEqual(30)
})

test('components are apart, the greatest first, and nodes without edges a block at the end', () => {
  const drawn = draw(9, [
    [0, 1],
    [2, 3],
    [3, 4],
  ])
  expect(drawn.y[2]).toBe(0)
  expect(drawn.y[0]).toBe(80)
  expect([...drawn.y.slice(5)]).toEqual([160, 160, 160, 210])
  expect([...drawn.x.slice(5)]).toEqual([0, 110, 220, 0])
})

test('the order of the drawing before wins over an equally good one', () => {
  const edges: Edges = [
    [0, 1],
    [0, 2],
    [0, 3],
  ]
  const before = new Map([
    [1, 80],
    [2, 0],
    [3, 40],
  ])
  const drawn = draw(4, edges, before)
  expect([drawn.y[2], drawn.y[3], drawn.y[1]]).toEqual([0, 50, 100])
  // An unknown place is the same as none.
  expect(draw(4, edges, new Map([...before, [0, Number.NaN]]))).toEqual(drawn)
})

test('a new node comes to its inputs, and the others stay', () => {
  const edges: Edges = [
    [0, 3],
    [1, 4],
    [2, 5],
  ]
  const joined: Edges = [...edges, [0, 1 + 5], [2, 1 + 5]]
  const first = draw(7, [...joined])
  const before = new Map([...first.y.entries()].filter(([node]) => node < 6))
  const drawn = draw(8, [...joined, [0, 7]], before)
  const order = (one: Layout, nodes: readonly number[]) =>
    [...nodes].sort((a, b) => one.y[a]! - one.y[b]!)
  expect(order(drawn, [0, 2])).toEqual(order(first, [0, 2]))
  expect(order(drawn, [3, 5])).toEqual(order(first, [3, 5]))
})

test('a cycle is an error', () => {
  expect(() =>
    draw(2, [
      [0, 1],
      [1, 0],
    ]),
  ).toThrow('the edges have a cycle')
})

test('long chains, great fans and many single nodes are no trap', () => {
  const many = (count: number) => Array.from({ length: count }, (_, k) => k)
  expect(
    draw(
      20_001,
      many(20_000).map((k) => [k, k + 1]),
    ).crossings,
  ).toBe(0)
  expect(
    draw(
      5_001,
      many(5_000).map((k) => [k, 5_000]),
    ).crossings,
  ).toBe(0)
  expect(
    draw(
      5_001,
      many(5_000).map((k) => [5_000, k]),
    ).y[5_000],
  ).toBe((4_999 * 50) / 2)
  expect(draw(100_000, []).crossings).toBe(0)
  expect(
    draw(
      10_000,
      many(5_000).map((k) => [2 * k, 2 * k + 1]),
    ).crossings,
  ).toBe(0)
})

test('edges that would need too many bends are straight', () => {
  const chain: Edges = Array.from({ length: 1_000 }, (_, k) => [k, k + 1] as const)
  const over: Edges = Array.from({ length: 400 }, (_, k) => [k, k + 600] as const)
  const drawn = draw(1_001, [...chain, ...over])
  expect(drawn.bends.slice(1_000).every((points) => points.length === 4)).toBe(true)
})
