import { expect, test } from 'vitest'
import { fold } from '../../../../framework/ui/layout/fold.ts'
import type { Edges } from '../../../rig/graphs.ts'

/** Folds nodes whose groups are letters; `-` is no group. */
function folded(groups: string, edges: Edges, unfolded: readonly string[] = []) {
  const groupOf = (node: number) => (groups[node] === '-' ? null : groups[node]!)
  const size = groups.length
  const { boxes, ...rest } = fold({ size, edges, groupOf, unfolded: new Set(unfolded) })
  const texts = boxes.map(
    ({ group, nodes, part, parts }) => `${group ?? '-'} ${part}/${parts}: ${nodes}`,
  )
  return { texts, ...rest }
}

test('a folded group is one box, and its edges are counted', () => {
  const { texts, edges, counts } = folded('aabb-', [
    [0, 2],
    [1, 2],
    [0, 1],
    [3, 4],
  ])
  expect(texts).toEqual(['a 1/1: 0,1', 'b 1/1: 2,3', '- 1/1: 4'])
  expect(edges).toEqual([
    [0, 1],
    [1, 2],
  ])
  expect(counts).toEqual([2, 1])
})

test('the nodes of an unfolded group are boxes', () => {
  const { texts } = folded('aab', [[0, 2]], ['a'])
  expect(texts).toEqual(['- 1/1: 0', '- 1/1: 1', 'b 1/1: 2'])
})

test('groups that read each other have a part before and a part after', () => {
  const { texts, edges } = folded('abac', [
    [0, 1],
    [1, 2],
    [2, 3],
  ])
  expect(texts).toEqual(['a 1/2: 0', 'b 1/1: 1', 'a 2/2: 2', 'c 1/1: 3'])
  expect(edges).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ])
})

test('a node without a group between two of a group splits it too', () => {
  const { texts } = folded('a-aa', [
    [0, 1],
    [1, 2],
  ])
  expect(texts).toEqual(['a 1/2: 0,3', '- 1/1: 1', 'a 2/2: 2'])
})

test('a cycle of some groups does not split the others', () => {
  const { texts } = folded('cabacc', [
    [0, 1],
    [1, 2],
    [2, 3],
    [4, 5],
  ])
  expect(texts.filter((text) => text.startsWith('c'))).toEqual(['c 1/1: 0,4,5'])
})
