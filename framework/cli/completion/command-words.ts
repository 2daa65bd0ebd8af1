/** What a value on the command line names. `any`: nothing that can be completed. */
export type ValueKind =
  | 'select'
  | 'asset'
  | 'job'
  | 'run'
  | 'target'
  | 'connection'
  | 'file'
  | 'command'
  | 'any'

/** A value that an argument or an option takes. */
export interface ValueWords {
  readonly is: ValueKind
  readonly choices: readonly string[]
  /** Takes all further words up to the next option. */
  readonly isVariadic: boolean
}

export interface OptionWords {
  /** `-t` and `--target`. */
  readonly names: readonly string[]
  readonly help: string
  /** null for a flag. */
  readonly value: ValueWords | null
}

/** A command with everything that may follow it. The program itself is one, and so is a group of verbs. */
export interface CommandWords {
  readonly name: string
  readonly help: string
  readonly commands: readonly CommandWords[]
  readonly arguments: readonly ValueWords[]
  readonly options: readonly OptionWords[]
}

/** The part of completion that is the same in every project. */
export interface StaticWords {
  readonly program: CommandWords
  /** The values of selection methods that take a few words only: `state`, `result`. */
  readonly methods: Readonly<Record<string, readonly string[]>>
}
