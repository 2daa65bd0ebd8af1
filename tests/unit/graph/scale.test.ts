import { expect, test } from 'vitest'
import { buildGraph, Graph } from '../../../framework/graph/graph.ts'
import type { SelectionFacts } from '../../../framework/graph/selection/facts.ts'
import { parseSelection } from '../../../framework/graph/selection/parse.ts'
import { select } from '../../../framework/graph/selection/select.ts'

/** Counts how many neighbours are looked at. */
class CountingGraph extends Graph {
  looked = 0

  override inputs(i: number): Int32Array {
    return this.#count(super.inputs(i))
  }

  override readers(i: number): Int32Array {
    return this.#count(super.readers(i))
  }

  #count(neighbours: Int32Array): Int32Array {
    this.looked += neighbours.length + 1
    return neighbours
  }
}

const SIZE = 100_000

/** 100,000 assets and 200,000 edges: each reads the one before it and one far above. */
function build(): CountingGraph {
  const assets = Array.from({ length: SIZE }, (_, k) => ({
    name: `a${k}`,
    deps: [...new Set([k - 1, k >> 1])]
      .filter((dep) => dep >= 0 && dep < k)
      .map((dep) => `a${dep}`),
    file: 'assets.yaml',
  }))
  const built = buildGraph(assets, [])
  if (!built.ok) throw new Error('cycle')
  return new CountingGraph(built.value.parts)
}

const graph = build()
const edges = graph.parts.inputs.targets.length

function count(text: string): { looked: number; selected: number } {
  const facts: SelectionFacts = {
    graph,
    assets: new Map(),
    definitions: new Map(),
    selectors: {},
    dbt: () => null,
    state: () => {
      throw new Error('state was not asked for')
    },
  }
  const parsed = parseSelection(text)
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  graph.looked = 0
  const selected = select(parsed.value, null, facts)
  if (!selected.ok) throw new Error(selected.problems[0]?.message)
  return {
    looked: graph.looked,
    selected: selected.value.bits.reduce((sum, mark) => sum + mark, 0),
  }
}

test('a walk looks at each edge at most once', () => {
  expect(edges).toBeGreaterThan(199_000)
  expect(count(`+a${SIZE - 1}`)).toEqual({ looked: SIZE + edges, selected: SIZE })
  expect(count('a0+')).toEqual({ looked: SIZE + edges, selected: SIZE })
})

test('a walk of few levels looks at little', () => {
  const { looked, selected } = count(`2+a${SIZE - 1}`)
  expect(selected).toBe(6)
  expect(looked).toBeLessThan(20)
})

test('a name looks at no neighbour, and sinks look at each edge once', () => {
  expect(count('a7')).toEqual({ looked: 0, selected: 1 })
  expect(count('sinks(*)')).toEqual({ looked: SIZE + edges, selected: 1 })
})
