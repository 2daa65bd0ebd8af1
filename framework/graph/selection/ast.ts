/** Part of an expression's text, in UTF-16 units; the end is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What a node is compared with. `null` is Dagster's `<null>`: has none. */
export interface Value {
  readonly text: string | null
  /** The `v` of `tag:k=v`. */
  readonly pair: string | null
  readonly span: Span
}

/**
 * One expression, whichever grammar it was written in. Depths count edges; 0 is no walk in that
 * direction and infinity all levels.
 */
export type Expression =
  | { readonly op: 'all' }
  /** A name without a method: `fact_payment`, `fact_*`, `models/marts`. */
  | { readonly op: 'bare'; readonly value: Value }
  | {
      readonly op: 'method'
      readonly method: string
      /** `['meta', 'owner']` of `config.meta.owner:x`. */
      readonly path: readonly string[]
      readonly value: Value
    }
  | { readonly op: 'union'; readonly of: readonly Expression[] }
  | { readonly op: 'intersection'; readonly of: readonly Expression[] }
  | { readonly op: 'not'; readonly of: Expression }
  | {
      readonly op: 'walk'
      readonly up: number
      readonly down: number
      readonly of: Expression
    }
  /** dbt's `@x`: x, everything below it, and everything above all of that. */
  | { readonly op: 'around'; readonly of: Expression }
  /** What has nothing of the selection below it (`sinks`) or above it (`roots`). */
  | { readonly op: 'sinks' | 'roots'; readonly of: Expression }
  /** A part of a selector, which has a text of its own. */
  | { readonly op: 'written'; readonly part: SelectionPart }

/** One text as it was written, with what it means. */
export interface SelectionPart {
  readonly text: string
  readonly expression: Expression
}

/** A union of expressions; none at all selects every asset. */
export type Selection = readonly SelectionPart[]
