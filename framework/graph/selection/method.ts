import { nameGlob } from '../../lib/glob.ts'
import type { Asset } from '../../model/asset.ts'
import type { DbtFacts } from '../../model/dbt-facts.ts'
import type { Definition } from '../../model/definition.ts'
import type { Value } from './ast.ts'
import type { StateFacts } from './facts.ts'

/** A node, or a reader of dbt, to compare. An asset that is several of dbt's nodes is compared as each. Expensive properties are functions. */
export interface Candidate {
  readonly name: string
  /** null for a check and a reader. */
  readonly asset: Asset | null
  readonly definition: Definition | null
  dbt(): DbtFacts | null
  /** Not of readers. */
  state(): StateFacts
}

/** `readers`: exposures, metrics, semantic models and saved queries. */
export type Selectable = 'assets' | 'checks' | 'readers'

/** A selection method: how it compares nodes with a value. */
export interface Method {
  readonly selects: readonly Selectable[]
  /**
   * Whether a check that matches is selected; true if absent. Else it is only where a walk starts, as
   * every reader is: a folder does not select the checks of its models, but `+` reaches what they read.
   */
  readonly selectsCheck?: (facts: DbtFacts, value: Value) => boolean
  /** Needs the state of nodes, or dbt's manifest facts. */
  readonly needs?: 'state' | 'dbt'
  /** The allowed values; absent if any value is allowed. */
  readonly words?: readonly string[]
  /** The forms of a value that has several parts between dots, from the shortest to the longest. */
  readonly forms?: readonly string[]
  /** The texts that it compares with the value, for a suggestion; absent if there are none. */
  readonly texts?: ReadTexts
  compile(value: Value, path: readonly string[]): (node: Candidate) => boolean
}

/** The texts of a node that a method compares. `path`: the parts after the method's name. */
export type ReadTexts = (node: Candidate, path: readonly string[]) => readonly string[]

/** A method that selects nodes with at least one text that matches the value as a wildcard pattern. */
export function matchesAny(read: ReadTexts, more: Partial<Omit<Method, 'compile'>> = {}): Method {
  return {
    selects: ['assets'],
    texts: read,
    ...more,
    compile: ({ text }, path) => {
      if (text === null) return (node) => read(node, path).length === 0
      const matches = equalsOrMatches(text)
      return (node) => read(node, path).some(matches)
    },
  }
}

/** A text that looks like a pattern may also be meant as it is: `config.meta.range:[0-9]`. */
export function equalsOrMatches(wanted: string): (text: string) => boolean {
  const matches = nameGlob(wanted)
  return (text) => text === wanted || matches(text)
}

/** The texts of a named thing: one for each part of the longest form. */
type ReadParts = (node: Candidate) => readonly (readonly string[])[]

/**
 * A method whose value has parts between dots, each a pattern of its own. `forms`: from `name` to the form
 * with all parts. Parts that a form leaves out match anything. `at`: where the parts of each form begin.
 */
export function matchesParts(
  read: ReadParts,
  forms: readonly { readonly form: string; readonly at: number }[],
  selects: Method['selects'],
): Method {
  return {
    selects,
    forms: forms.map(({ form }) => form),
    compile: ({ text }) => {
      if (text === null) return (node) => read(node).length === 0
      const patterns = text.split('.').map(nameGlob)
      const at = forms[patterns.length - 1]?.at ?? 0
      return (node) =>
        read(node).some((parts) => patterns.every((matches, k) => matches(parts[at + k] ?? '')))
    },
  }
}

export function optional(text: string | null | undefined): readonly string[] {
  return text === null || text === undefined ? [] : [text]
}
