import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph, type Graph } from '../../../framework/graph/graph.ts'
import { parseSelection } from '../../../framework/graph/selection/parse.ts'
import { namesOf, select } from '../../../framework/graph/selection/select.ts'
import { NO_DBT } from '../../../framework/model/dbt-facts.ts'

/** A selection as a tree. `asDagster` and `asDbt` write it in either grammar. */
type Tree =
  | { is: 'name'; name: string }
  | { is: 'prefix'; letter: string }
  | { is: 'all' }
  | { is: 'union' | 'intersection'; of: Tree[] }
  | { is: 'not' | 'sinks' | 'roots'; of: Tree }
  | { is: 'walk'; up: number; down: number; of: Tree }
  | { is: 'around'; of: Tree }

type Edges = ReadonlyMap<string, readonly string[]>

/** Twelve assets, each reading some of those before it; their names begin with a, b or c. */
const edges: fc.Arbitrary<Edges> = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 4095 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((rows) => {
    const names = rows.map(([letter], k) => `${letter}_${k}`)
    return new Map(
      rows.map(([, mask], k) => [names[k]!, names.slice(0, k).filter((_, j) => (mask >> j) & 1)]),
    )
  })

function trees(names: readonly string[]): fc.Arbitrary<Tree> {
  const leaf = fc.oneof(
    fc.constantFrom(...names).map((name): Tree => ({ is: 'name', name })),
    fc.constantFrom('a', 'b', 'c').map((letter): Tree => ({ is: 'prefix', letter })),
    fc.constant<Tree>({ is: 'all' }),
  )
  const depth = fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY)
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.record({
        is: fc.constantFrom('union' as const, 'intersection' as const),
        of: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({
        is: fc.constantFrom('not' as const, 'sinks' as const, 'roots' as const),
        of: tie('tree'),
      }),
      fc.record({ is: fc.constant('walk' as const), up: depth, down: depth, of: tie('tree') }),
      fc.record({ is: fc.constant('around' as const), of: tie('tree') }),
    ),
  }))
  return tree
}

/** The trees that dbt's grammar can express: a union of intersections of terms. */
function dbtTrees(names: readonly string[]): fc.Arbitrary<Tree> {
  const depth = fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY)
  const leaf = fc.oneof(
    fc.constantFrom(...names).map((name): Tree => ({ is: 'name', name })),
    fc.constantFrom('a', 'b', 'c').map((letter): Tree => ({ is: 'prefix', letter })),
    fc.constant<Tree>({ is: 'all' }),
  )
  const term = fc.oneof(
    leaf,
    fc.record({ is: fc.constant('walk' as const), up: depth, down: depth, of: leaf }),
    fc.record({ is: fc.constant('around' as const), of: leaf }),
  )
  const both = fc
    .array(term, { minLength: 1, maxLength: 3 })
    .map((of): Tree => ({ is: 'intersection', of }))
  return fc.array(both, { minLength: 1, maxLength: 3 }).map((of): Tree => ({ is: 'union', of }))
}

const levels = (depth: number) => (depth === Number.POSITIVE_INFINITY ? '' : String(depth))

function walked(tree: Tree & { is: 'walk' }, inner: string): string {
  const up = tree.up === 0 ? '' : `${levels(tree.up)}+`
  const down = tree.down === 0 ? '' : `+${levels(tree.down)}`
  return `${up}${inner}${down}`
}

function asDagster(tree: Tree): string {
  switch (tree.is) {
    case 'name':
      return tree.name
    case 'prefix':
      return `key:"${tree.letter}_*"`
    case 'all':
      return '*'
    case 'union':
      return `(${tree.of.map(asDagster).join(' or ')})`
    case 'intersection':
      return `(${tree.of.map(asDagster).join(' and ')})`
    case 'not':
      return `(not ${asDagster(tree.of)})`
    case 'sinks':
    case 'roots':
      return `${tree.is}(${asDagster(tree.of)})`
    case 'walk':
      return walked(tree, `(${asDagster(tree.of)})`)
    case 'around':
      return `@(${asDagster(tree.of)})`
  }
}

function asDbt(tree: Tree): string {
  switch (tree.is) {
    case 'name':
      return tree.name
    case 'prefix':
      return `${tree.letter}_*`
    case 'all':
      return '*'
    case 'union':
      return tree.of.map(asDbt).join(' ')
    case 'intersection':
      return tree.of.map(asDbt).join(',')
    case 'walk':
      return walked(tree, asDbt(tree.of))
    case 'around':
      return `@${asDbt(tree.of)}`
    default:
      throw new Error(`dbt has no ${tree.is}`)
  }
}

/** A naive evaluation with sets of names, one step at a time. */
function naive(tree: Tree, inputs: Edges): Set<string> {
  const all = [...inputs.keys()]
  const readers = new Map(
    all.map((name) => [name, all.filter((n) => inputs.get(n)!.includes(name))]),
  )
  const step = (from: Set<string>, next: Edges) =>
    new Set([...from, ...[...from].flatMap((name) => next.get(name)!)])
  const walk = (from: Set<string>, next: Edges, depth: number) => {
    let reached = from
    for (let level = 0; level < Math.min(depth, all.length); level++) reached = step(reached, next)
    return reached
  }
  const beyond = (name: string, next: Edges) =>
    walk(new Set(next.get(name)!), next, Number.POSITIVE_INFINITY)
  switch (tree.is) {
    case 'name':
      return new Set([tree.name])
    case 'prefix':
      return new Set(all.filter((name) => name.startsWith(tree.letter)))
    case 'all':
      return new Set(all)
    case 'union':
      return new Set(tree.of.flatMap((term) => [...naive(term, inputs)]))
    case 'intersection': {
      const sets = tree.of.map((term) => naive(term, inputs))
      return new Set(all.filter((name) => sets.every((set) => set.has(name))))
    }
    case 'not': {
      const without = naive(tree.of, inputs)
      return new Set(all.filter((name) => !without.has(name)))
    }
    case 'sinks':
    case 'roots': {
      const members = naive(tree.of, inputs)
      const next = tree.is === 'sinks' ? readers : inputs
      return new Set(
        [...members].filter((name) => ![...beyond(name, next)].some((other) => members.has(other))),
      )
    }
    case 'walk': {
      const seeds = naive(tree.of, inputs)
      return new Set([...walk(seeds, inputs, tree.up), ...walk(seeds, readers, tree.down)])
    }
    case 'around':
      return walk(
        walk(naive(tree.of, inputs), readers, Number.POSITIVE_INFINITY),
        inputs,
        Number.POSITIVE_INFINITY,
      )
  }
}

function graphOf(inputs: Edges): Graph {
  const assets = [...inputs].map(([name, deps]) => ({ name, deps, file: 'assets.yaml' }))
  const built = buildGraph(assets, [])
  if (!built.ok) throw new Error('the edges close a cycle')
  return built.value
}

function evaluate(text: string, graph: Graph): readonly string[] {
  const parsed = parseSelection(text)
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join())
  const selected = select(parsed.value, null, {
    graph,
    assets: new Map(),
    definitions: new Map(),
    selectors: {},
    dbt: NO_DBT,
    state: () => ({ verdict: { state: 'fresh' }, recorded: true, outcome: null }),
  })
  if (!selected.ok) throw new Error(selected.problems.map(({ message }) => message).join())
  return namesOf(graph, selected.value.bits)
}

test.each([
  ["Dagster's", trees, asDagster],
  ["dbt's", dbtTrees, asDbt],
] as const)('%s grammar: the evaluation equals a naive one', (_, grow, write) => {
  const cases = edges.chain((inputs) => fc.tuple(fc.constant(inputs), grow([...inputs.keys()])))
  fc.assert(
    fc.property(cases, ([inputs, tree]) => {
      const graph = graphOf(inputs)
      const expected = naive(tree, inputs)
      expect(evaluate(write(tree), graph)).toEqual(graph.names.filter((name) => expected.has(name)))
    }),
    { seed: 7, numRuns: 1500 },
  )
})

test('any text either parses or gives a problem located inside the text', () => {
  const pieces = fc.constantFrom(...'ab+@,():="* 12', 'not', 'and', ' or ', 'tag', 'sinks', 'é')
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (chosen) => {
      const text = chosen.join('')
      const parsed = parseSelection(text)
      if (parsed.ok) return
      for (const { at } of parsed.problems) {
        if (at === undefined || !('line' in at)) throw new Error('no location')
        expect(at.column).toBeGreaterThanOrEqual(1)
        expect(at.column).toBeLessThanOrEqual(text.length + 1)
      }
    }),
    { seed: 7, numRuns: 5000 },
  )
})
