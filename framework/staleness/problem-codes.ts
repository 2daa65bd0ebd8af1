/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is generated from these. */
export const problemCodes = {
  'adopt-unfit':
    '`on_drift: adopt` contradicts `data_version: derived`, which never detects drift. Use `data_version: content`, or `on_drift: rebuild`.',
  'clock-without-policy':
    'A warning. The code of this asset names the clock, so equal inputs give other rows as time passes, and nothing makes it stale. Declare `freshness:` with the age or the schedule after which it is built again. If only some columns record the time, list them in `volatile_columns:`.',
  'data-version-unfit':
    '`data_version` names a mode that has no meaning for this asset, such as `change_token` for a file. Use the mode that the hint names, or remove the key.',
  'volatile-unfit':
    '`volatile_columns` has no effect, because no columns of this asset are hashed. Remove it.',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
