/** A deliberate error in one source file, and the tests that must fail because of it. */
export interface Mutant {
  readonly name: string
  /** The rule that it breaks, as a sentence that becomes false. Numbers are sections of SEMANTICS.md. */
  readonly rule: string
  readonly file: string
  /** Each `find` must occur exactly once in the file. Keep it short and on one line. */
  readonly edits: readonly { readonly find: string; readonly replace: string }[]
  /** Test files, below the repository. */
  readonly tests: readonly string[]
  /** The tests run commands as a user does, from the bundle. */
  readonly isBundled?: true
}

/** A mutant of one edit. `file` is below `framework/`. */
export function oneEdit(
  name: string,
  rule: string,
  file: string,
  [find, replace]: readonly [find: string, replace: string],
  tests: readonly string[],
): Mutant {
  return { name, rule, file: `framework/${file}`, edits: [{ find, replace }], tests }
}
