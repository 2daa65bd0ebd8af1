import { hash } from '../../lib/hash.ts'
import { contentVersion, type Version } from '../../model/version.ts'
import { type Column, isDeletionTime } from '../columns.ts'
import { quoted } from './names.ts'

/** The version's scheme. Increase the number when what is hashed, or how, changes. */
const SCHEME = 'snowflake/1'

/**
 * A query that hashes the content of a relation. It returns one row of text: the number of rows, and
 * HASH_AGG, which does not depend on the order of rows
 * (https://docs.snowflake.com/en/sql-reference/functions/hash_agg).
 */
export function contentQuery(from: string, columns: readonly Column[]): string {
  return `select cast(count(*) as varchar) as counted, cast(${hashAgg(columns)} as varchar) as hashed from ${from}`
}

/** A query for one row of text: for each column, the hash of its values and of the rows without it. */
export function digestsQuery(from: string, columns: readonly Column[]): string {
  const pairs = columns.flatMap((column, at) => {
    const others = columns.filter((_, other) => other !== at)
    return [
      `cast(${hashAgg([column])} as varchar) as alone${at}`,
      `cast(${hashAgg(others)} as varchar) as without${at}`,
    ]
  })
  return `select ${pairs.join(', ')} from ${from}`
}

/** The content version for a row of `contentQuery`. Its scheme identifies the volatile columns (`leftOut`). */
export function versionOfContent(
  columns: readonly Column[],
  row: readonly unknown[],
  leftOut: readonly string[],
): Version {
  const without = leftOut.length === 0 ? '' : `-${hash(...leftOut).slice(0, 8)}`
  const scheme = `${SCHEME}${without}`
  const signature = JSON.stringify(columns.map(({ name, type }) => [name, type]))
  return contentVersion(scheme, signature, ...row.map(String))
}

function hashAgg(columns: readonly Column[]): string {
  const terms = columns.flatMap(hashTerms)
  return `hash_agg(${terms.length === 0 ? 'true' : terms.join(', ')})`
}

/** The expressions to hash for a column. HASH_AGG does not distinguish -0.0 from 0.0, but their texts differ. */
function hashTerms(column: Column): readonly string[] {
  const name = quoted(column.name)
  if (isDeletionTime(column)) return [`${name} is not null`]
  if (column.type !== 'FLOAT') return [name]
  return [name, `case when ${name} = 0 then cast(${name} as varchar) end`]
}
