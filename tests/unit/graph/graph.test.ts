import { expect, test } from 'vitest'
import { buildGraph, type Graph, type GraphCheck } from '../../../framework/graph/graph.ts'
import { ancestors, descendants } from '../../../framework/graph/reach.ts'
import type { Problem } from '../../../framework/model/problem.ts'

const asset = (name: string, ...deps: string[]) => ({ name, deps, file: 'assets.yaml' })
const check = (name: string, ...reads: string[]): GraphCheck => ({ name, reads, severity: 'error' })

function graphOf(...args: Parameters<typeof buildGraph>): Graph {
  const built = buildGraph(...args)
  if (!built.ok) throw new Error(built.problems[0]?.message)
  return built.value
}

function problemsOf(...args: Parameters<typeof buildGraph>): readonly Problem[] {
  const built = buildGraph(...args)
  return built.ok ? [] : built.problems
}

const named = (graph: Graph, nodes: Iterable<number>) =>
  Array.from(nodes, (i) => graph.names[i] ?? '')
const selected = (graph: Graph, bits: Uint8Array) => graph.names.filter((_, i) => bits[i] === 1)

const diamond = graphOf(
  [asset('raw'), asset('left', 'raw'), asset('right', 'raw'), asset('top', 'left', 'right')],
  [check('unique_left', 'left'), check('same_rows', 'left', 'right')],
)

test('assets come first in declaration order, then checks, each with what it reads', () => {
  expect(diamond.names).toEqual(['raw', 'left', 'right', 'top', 'unique_left', 'same_rows'])
  expect(diamond.node(3)).toEqual({ name: 'top', is: 'asset' })
  expect(diamond.node(4)).toEqual({ name: 'unique_left', is: 'check' })
  expect(diamond.indexOf('right')).toBe(2)
  expect(diamond.indexOf('absent')).toBeUndefined()
  expect(named(diamond, diamond.inputs(5))).toEqual(['left', 'right'])
  expect(named(diamond, diamond.readers(1))).toEqual(['top', 'unique_left', 'same_rows'])
})

test('a duplicate dependency is one edge, an unknown one is none', () => {
  const graph = graphOf([asset('a'), asset('b', 'a', 'nowhere', 'a')], [check('c', 'gone', 'a')])
  expect(named(graph, graph.inputs(1))).toEqual(['a'])
  expect(named(graph, graph.inputs(2))).toEqual(['a'])
})

test('the order keeps a topological declaration order and puts checks after their inputs', () => {
  expect(named(diamond, diamond.order)).toEqual([
    'raw',
    'left',
    'unique_left',
    'right',
    'same_rows',
    'top',
  ])
  const backwards = graphOf([asset('c', 'b'), asset('b', 'a'), asset('a')], [])
  expect(named(backwards, backwards.order)).toEqual(['a', 'b', 'c'])
})

test('a check of one asset gates its direct readers', () => {
  expect(named(diamond, diamond.gated(4))).toEqual(['top'])
  expect(named(diamond, diamond.gates(3))).toEqual(['unique_left', 'same_rows'])
})

test('a check of several assets gates the topmost assets below all of them, never its inputs', () => {
  const graph = graphOf(
    [
      asset('dim'),
      asset('fact', 'dim'),
      asset('only_dim', 'dim'),
      asset('mart', 'fact', 'only_dim'),
      asset('report', 'mart'),
    ],
    [check('fact_in_dim', 'fact', 'dim'), check('marts', 'only_dim', 'fact')],
  )
  expect(named(graph, graph.gated(5))).toEqual(['mart'])
  expect(named(graph, graph.gated(6))).toEqual(['mart'])
  expect(named(graph, graph.gates(1))).toEqual([])
  expect(named(graph, graph.gates(4))).toEqual([])
})

test('a check of severity warn, or without inputs, gates nothing', () => {
  const graph = graphOf(
    [asset('a'), asset('b', 'a')],
    [{ name: 'soft', reads: ['a'], severity: 'warn' }, check('nothing')],
  )
  expect(graph.parts.gates.targets).toHaveLength(0)
})

test('a check of more than 32 assets gates what is below all of them', () => {
  const leaves = Array.from({ length: 70 }, (_, k) => asset(`leaf_${k}`))
  const names = leaves.map(({ name }) => name)
  const graph = graphOf(
    [...leaves, asset('most', ...names.slice(1)), asset('all', ...names), asset('below', 'all')],
    [check('wide', ...names)],
  )
  expect(named(graph, graph.gated(73))).toEqual(['all'])
})

test('ancestors and descendants count levels by the shortest path', () => {
  const graph = graphOf(
    [asset('a'), asset('b', 'a'), asset('c', 'b'), asset('d', 'c', 'a')],
    [check('k', 'd')],
  )
  expect(selected(graph, ancestors(graph, [3]))).toEqual(['a', 'b', 'c', 'd'])
  expect(selected(graph, ancestors(graph, [3], 1))).toEqual(['a', 'c', 'd'])
  expect(selected(graph, ancestors(graph, [3], 0))).toEqual(['d'])
  expect(selected(graph, descendants(graph, [0], 1))).toEqual(['a', 'b', 'd'])
  expect(selected(graph, descendants(graph, [2, 2]))).toEqual(['c', 'd', 'k'])
})

test('each cyclic group is one problem: a shortest cycle with every edge at its line', () => {
  const problems = problemsOf(
    [
      asset('a', 'd'),
      asset('b', 'a', 'c'),
      asset('c', 'x', 'b'),
      asset('d', 'c'),
      asset('x'),
      asset('self', 'self'),
      asset('fine', 'a'),
    ],
    [],
  )
  expect(problems.map(({ message }) => message)).toEqual([
    'b depends on itself: b → c → b',
    'self depends on itself',
  ])
  expect(problems[0]).toMatchObject({
    code: 'cycle',
    asset: 'b',
    at: { file: 'assets.yaml', path: ['assets', 'b', 'deps', 1] },
    related: [
      {
        message: 'c depends on b',
        at: { file: 'assets.yaml', path: ['assets', 'c', 'deps', 1] },
      },
    ],
  })
})

test('a cycle of 50,000 assets is shown with only a few names', () => {
  const size = 50_000
  const ring = Array.from({ length: size }, (_, k) => asset(`n${k}`, `n${(k + 1) % size}`))
  const [problem, ...more] = problemsOf(ring, [])
  expect(more).toEqual([])
  expect(problem?.message).toBe(
    'n0 depends on itself: n0 → n1 → n2 → n3 → n4 → n5 → … 49989 more … → n49995 → n49996 → n49997 → n49998 → n49999 → n0',
  )
})

test('a chain 50,000 deep and an asset with 50,000 dependencies are ordered without recursion', () => {
  const size = 50_000
  const chain = Array.from({ length: size }, (_, k) =>
    k + 1 < size ? asset(`c${k}`, `c${k + 1}`) : asset(`c${k}`),
  )
  const hub = asset('hub', ...chain.map(({ name }) => name))
  const graph = graphOf([hub, ...chain], [check('all', ...hub.deps), check('end', 'c49999')])
  expect(graph.names[graph.order[0] ?? -1]).toBe('c49999')
  expect(graph.order.at(-1)).toBe(0)
  expect(ancestors(graph, [0]).reduce((a, b) => a + b, 0)).toBe(size + 1)
  expect(named(graph, graph.gated(size + 1))).toEqual(['hub'])
})
