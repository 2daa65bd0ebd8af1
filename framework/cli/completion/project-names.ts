/** A word to offer. `about` is shown beside it where the shell can do that. */
export interface Candidate {
  readonly word: string
  readonly about: string
}

/** Methods of selections whose values are names of the project. */
export const NAMING_METHODS = ['group', 'tag', 'kind', 'owner', 'selector'] as const
export type NamingMethod = (typeof NAMING_METHODS)[number]

/** The names of a project, but not those of its assets, which are many. */
export interface NamesHead {
  readonly methods: Readonly<Record<NamingMethod, readonly string[]>>
  /** With their selections. */
  readonly jobs: readonly Candidate[]
  readonly targets: readonly string[]
  readonly defaultTarget: string
  /** Of any target. */
  readonly connections: readonly string[]
}

/** The names that a shell completes in one project. */
export interface ProjectNames extends NamesHead {
  /** The assets whose names begin with a text. */
  readonly assets: (start: string) => readonly Candidate[]
  /** The latest runs on a target, newest first. */
  readonly runs: (target: string) => readonly Candidate[]
}
