/**
 * A selection by name, as `selectors:` gives it: an expression as on the command line, or several
 * joined, less what is left out of them.
 */
export type Selector =
  | string
  | {
      readonly join: 'union' | 'intersection'
      readonly of: readonly Selector[]
      readonly except: readonly Selector[]
    }
