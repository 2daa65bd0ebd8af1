import { buildGraph } from '../../../graph/graph.ts'
import type { SelectionFacts, StateFacts } from '../../../graph/selection/facts.ts'
import { parseSelection } from '../../../graph/selection/parse.ts'
import { select } from '../../../graph/selection/select.ts'
import { type Asset, NO_POLICY } from '../../../model/asset.ts'
import type { Definition } from '../../../model/definition.ts'
import type { Problem } from '../../../model/problem.ts'
import type { Overview } from '../../data/overview.ts'

/** What a selection of the box selects, in the grammars of the command line. */
export type Picked =
  | { readonly is: 'assets'; readonly indices: ReadonlySet<number>; readonly note: string | null }
  | { readonly is: 'mistake'; readonly message: string; readonly detail: string | null }

/** Evaluates selections over an overview, as `assets list` does. */
export class Selector {
  readonly #facts: SelectionFacts
  readonly #overview: Overview

  constructor(overview: Overview) {
    this.#overview = overview
    this.#facts = factsOf(overview)
  }

  /** `text` as it is typed: several selections are separated by spaces, as for a shell. */
  pick(text: string): Picked {
    const words = text.trim().split(/\s+/).filter(Boolean)
    // A selection of words with `and`, `or` or parentheses is one.
    const isOne = /\b(?:and|or|not)\b|[()]/.test(text)
    const parsed = parseSelection(isOne ? [text.trim()] : words)
    if (!parsed.ok) return mistake(parsed.problems)
    const selected = select(parsed.value, null, this.#facts)
    if (!selected.ok) return mistake(selected.problems)
    const { bits, warnings } = selected.value
    const indices = new Set<number>()
    for (let i = 0; i < this.#overview.assets.length; i++) if (bits[i] === 1) indices.add(i)
    this.#overview.checks.forEach(({ reads }, k) => {
      if (bits[this.#overview.assets.length + k] === 1) for (const i of reads) indices.add(i)
    })
    return { is: 'assets', indices, note: warnings[0]?.message ?? null }
  }
}

function mistake(problems: readonly Problem[]): Picked {
  const [{ message, detail, hint }] = problems as readonly [Problem]
  return {
    is: 'mistake',
    message: hint === undefined ? message : `${message}; ${hint}`,
    detail: detail ?? null,
  }
}

function factsOf({ assets, checks, selecting }: Overview): SelectionFacts {
  const nameOf = (i: number) => assets[i]!.name
  const built = buildGraph(
    assets.map(({ name, inputs, file }) => ({ name, deps: inputs.map(nameOf), file })),
    checks.map(({ name, reads, severity }) => ({ name, severity, reads: reads.map(nameOf) })),
  )
  if (!built.ok) throw new Error(built.problems[0]!.message)
  const nodes = new Map(assets.map((asset): [string, Asset] => [asset.name, assetOf(asset)]))
  const definitions = new Map(
    assets.map(({ name, relation }): [string, Definition] => [name, { relation } as Definition]),
  )
  const states = new Map<string, StateFacts>()
  for (const { name, verdict, last, mark } of assets) {
    const outcome = mark === 'failed' ? 'failed' : (last?.how ?? null)
    states.set(name, { verdict, recorded: last !== null, outcome })
  }
  for (const { name, verdict, outcome } of checks) {
    states.set(name, { verdict, recorded: outcome !== null, outcome })
  }
  return {
    graph: built.value,
    assets: nodes,
    definitions,
    selectors: selecting.selectors,
    dbt: { nodes: new Map(selecting.nodes), readers: new Map(selecting.readers) },
    state: (name) => states.get(name)!,
  }
}

function assetOf({ name, kind, group, owners, tags, file }: Overview['assets'][number]): Asset {
  const rest = { deps: [], description: '', policy: NO_POLICY, spec: {} }
  return { name, kind, group, owners, tags, file, ...rest }
}
