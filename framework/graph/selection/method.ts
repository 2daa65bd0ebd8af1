import { nameGlob } from '../../lib/glob.ts'
import type { Asset } from '../../model/asset.ts'
import type { DbtFacts } from '../../model/dbt-facts.ts'
import type { Definition } from '../../model/definition.ts'
import type { Value } from './ast.ts'
import type { StateFacts } from './facts.ts'

/** A node to compare. Expensive properties are functions. */
export interface Candidate {
  readonly name: string
  /** null for a check. */
  readonly asset: Asset | null
  readonly definition: Definition | null
  dbt(): DbtFacts | null
  state(): StateFacts
}

/** A selection method: how it compares nodes with a value. */
export interface Method {
  readonly selects: 'assets' | 'checks' | 'both'
  /** Needs the state of nodes, or dbt's manifest facts. */
  readonly needs?: 'state' | 'dbt'
  /** The allowed values; absent if any value is allowed. */
  readonly words?: readonly string[]
  compile(value: Value, path: readonly string[]): (node: Candidate) => boolean
}

/** The texts of a node that a method compares. `path`: the parts after the method's name. */
export type ReadTexts = (node: Candidate, path: readonly string[]) => readonly string[]

/** A method that selects nodes with at least one text that matches the value as a wildcard pattern. */
export function matchesAny(read: ReadTexts, more: Partial<Omit<Method, 'compile'>> = {}): Method {
  return {
    selects: 'assets',
    ...more,
    compile: ({ text }, path) => {
      if (text === null) return (node) => read(node, path).length === 0
      const matches = nameGlob(text)
      return (node) => read(node, path).some(matches)
    },
  }
}

export function optional(text: string | null | undefined): readonly string[] {
  return text === null || text === undefined ? [] : [text]
}
