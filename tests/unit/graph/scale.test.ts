import { expect, test } from 'vitest'
import { buildGraph, Graph } from '../../../framework/graph/graph.ts'
import type { SelectionFacts } from '../../../framework/graph/selection/facts.ts'
import { parseSelection } from '../../../framework/graph/selection/parse.ts'
import { select } from '../../../framework/graph/selection/select.ts'
import { NO_DBT } from '../../../framework/model/dbt-facts.ts'

/** Counts the neighbours that are read. */
class CountingGraph extends Graph {
  reads = 0

  override inputs(i: number): Int32Array {
    return this.#count(super.inputs(i))
  }

  override readers(i: number): Int32Array {
    return this.#count(super.readers(i))
  }

  #count(neighbours: Int32Array): Int32Array {
    this.reads += neighbours.length + 1
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

function count(text: string): { reads: number; selected: number } {
  const facts: SelectionFacts = {
    graph,
    assets: new Map(),
    definitions: new Map(),
    selectors: {},
    dbt: NO_DBT,
    state: () => {
      throw new Error('the selection needs no state')
    },
  }
  const parsed = parseSelection(text)
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  graph.reads = 0
  const selected = select(parsed.value, null, facts)
  if (!selected.ok) throw new Error(selected.problems[0]?.message)
  return {
    reads: graph.reads,
    selected: selected.value.bits.reduce((sum, bit) => sum + bit, 0),
  }
}

test('a walk reads each edge at most once', () => {
  expect(edges).toBeGreaterThan(199_000)
  expect(count(`+a${SIZE - 1}`)).toEqual({ reads: SIZE + edges, selected: SIZE })
  expect(count('a0+')).toEqual({ reads: SIZE + edges, selected: SIZE })
})

test('a walk of a few levels reads few edges', () => {
  const { reads, selected } = count(`2+a${SIZE - 1}`)
  expect(selected).toBe(6)
  expect(reads).toBeLessThan(20)
})

test('a name reads no edges, and sinks read each edge once', () => {
  expect(count('a7')).toEqual({ reads: 0, selected: 1 })
  expect(count('sinks(*)')).toEqual({ reads: SIZE + edges, selected: 1 })
})
