/** `ASSETS_DBT_EDITS=1/4` plays every fourth edit, from the one with the index 1. Default: all. */
const [PART = 0, SHARE = 1] = (process.env.ASSETS_DBT_EDITS ?? '0/1').split('/').map(Number)

/** The items of a list that are played, at least one. Each of them starts dbt some times. */
export function played<T>(items: readonly T[]): readonly T[] {
  const share = items.filter((_, at) => at % SHARE === PART)
  return share.length > 0 ? share : items.slice(PART % items.length).slice(0, 1)
}
