import { nameGlob } from '../../lib/glob.ts'
import type { Asset } from '../../model/asset.ts'
import type { DbtFacts } from '../../model/dbt-facts.ts'
import type { Definition } from '../../model/definition.ts'
import type { Value } from './ast.ts'
import type { StateFacts } from './facts.ts'

/** A node as methods see it; what is dear is asked for. */
export interface Candidate {
  readonly name: string
  /** null for a check. */
  readonly asset: Asset | null
  readonly definition: Definition | null
  dbt(): DbtFacts | null
  state(): StateFacts
}

/** How one method compares nodes with a value. */
export interface Method {
  readonly selects: 'assets' | 'checks' | 'both'
  /** Reads the state of the target, which takes observing it, or what dbt says. */
  readonly needs?: 'state' | 'dbt'
  /** The only values there are, for a method that knows them. */
  readonly words?: readonly string[]
  compile(value: Value, path: readonly string[]): (node: Candidate) => boolean
}

/** The texts of a node that a method looks at. `path` is what follows the method's name. */
export type ReadTexts = (node: Candidate, path: readonly string[]) => readonly string[]

/** The usual method: one of a node's texts has to match the value's wildcard. */
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
