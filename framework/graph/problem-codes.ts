/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is generated from these. */
export const problemCodes = {
  cycle:
    'Some assets depend on each other in a cycle, so none of them can be built first. Remove one of the dependencies shown.',
  'output-conflict':
    'Two assets write the same file or relation. Give one of them another file or name.',
  'selection-empty':
    'A part of the selection matches nothing, or everything that it matches is excluded. Check the spelling; `assets list` shows the assets.',
  'selection-method':
    'The part of a selection before the colon is not a selection method. Use one that the hint lists.',
  'selection-syntax':
    'A selection has a syntax error, or a value that its method does not have. Correct it at the carets.',
  'selector-cycle':
    'A selector refers to itself, directly or through other selectors. Remove one of the references.',
  'shared-output': 'An asset writes the same file on two targets. Put `{target}` into its path.',
  'unknown-asset':
    'A selection names an asset or check that does not exist. Correct the name; `assets list` shows the assets.',
  'unknown-selector':
    'A selection refers to a selector that is not one of the `selectors:` in `assets.yaml`. Correct the name, or add the selector.',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
