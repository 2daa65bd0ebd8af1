import { expect, test } from 'vitest'
import { neighbourhood } from '../../../../framework/ui/layout/neighbourhood.ts'
import type { Edges } from '../../../rig/graphs.ts'

const chain: Edges = [
  [0, 1],
  [1, 2],
  [2, 3],
  [3, 4],
]

test('levels up and down are apart, and the boundary counts what is left out', () => {
  const near = neighbourhood({ size: 5, edges: chain }, 2, 1, 0, 10)
  expect(near.nodes).toEqual([1, 2])
  expect(near.edges).toEqual([[1, 2]])
  expect([...near.inputsLeftOut]).toEqual([[1, 1]])
  expect([...near.readersLeftOut]).toEqual([[2, 1]])
})

test('what another input of a reader is, is not near', () => {
  const edges: Edges = [...chain, [5, 3]]
  const near = neighbourhood({ size: 6, edges }, 2, 1, 1, 10)
  expect(near.nodes).toEqual([1, 2, 3])
  expect([...near.inputsLeftOut]).toEqual([
    [1, 1],
    [3, 1],
  ])
})

test('the limit takes the nearest of both sides', () => {
  expect(neighbourhood({ size: 5, edges: chain }, 2, 2, 2, 3).nodes).toEqual([1, 2, 3])
  const fan: Edges = Array.from({ length: 2_000 }, (_, k) => [k, 2_000] as const)
  const near = neighbourhood({ size: 2_001, edges: fan }, 2_000, 2, 2, 50)
  expect(near.nodes).toHaveLength(50)
  expect(near.inputsLeftOut.get(2_000)).toBe(1_951)
})
