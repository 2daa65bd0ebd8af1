/**
 * One entry of `selectors:`: an expression as on the command line, or a union or intersection of
 * selectors minus those of `except`.
 */
export type Selector =
  | string
  | {
      readonly join: 'union' | 'intersection'
      readonly of: readonly Selector[]
      readonly except: readonly Selector[]
    }
