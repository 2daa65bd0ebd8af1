/** A range of an expression's text, in UTF-16 units. The end is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The value of a method. `text` null: Dagster's `<null>`, a node without this property. */
export interface Value {
  readonly text: string | null
  /** The `v` of `tag:k=v`. */
  readonly pair: string | null
  readonly span: Span
}

/**
 * An expression of either grammar. Depths count edges: 0 does not walk in that direction, infinity has
 * no limit.
 */
export type Expression =
  | { readonly op: 'all' }
  /** A value without a method: `fact_payment`, `fact_*`, `models/marts`. */
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
  /** dbt's `@x`: x, its descendants, and all ancestors of these and of their checks. */
  | { readonly op: 'around'; readonly of: Expression }
  /** The selected nodes without selected descendants (`sinks`) or ancestors (`roots`). */
  | { readonly op: 'sinks' | 'roots'; readonly of: Expression }
  /** An expression inside a selector: carets of its problems point into `part.text`. */
  | { readonly op: 'part'; readonly part: SelectionPart }

/** An expression and its text. */
export interface SelectionPart {
  readonly text: string
  readonly expression: Expression
}

/** A union of expressions. An empty one selects every asset. */
export type Selection = readonly SelectionPart[]
