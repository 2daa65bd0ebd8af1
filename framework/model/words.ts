/** What the comments of a relation must hold. Words are no code: other words ask for no build (SEMANTICS 34). */
export interface Words {
  /** A hash of the words. */
  readonly version: string
  /** Whether a build can leave earlier comments behind, because it writes into a relation that exists. */
  readonly kept: boolean
}

/** The subject under which the state keeps which words the comments of an asset hold. */
export const wordsSubject = (asset: string): string => `words:${asset}`

/** What the state keeps: these words, in the relation that this run built or adopted. */
export const wordsToken = ({ version }: Words, run: number): string => `${run}:${version}`
