/** `ASSETS_DBT_EDITS=1/4` plays every fourth edit, from the one with the index 1. Default: all. */
const [PART = 0, SHARE = 1] = (process.env.ASSETS_DBT_EDITS ?? '0/1').split('/').map(Number)

/** The items of a list that are played. Each of them starts dbt some times. */
export const played = <T>(items: readonly T[]): readonly T[] =>
  items.filter((_, at) => at % SHARE === PART)
