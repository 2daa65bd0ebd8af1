import { hash } from '../../lib/hash.ts'
import { contentVersion, type Version } from '../../model/version.ts'
import { type Column, isDeletionMark } from '../columns.ts'
import { quoted } from './names.ts'

/** The scheme names what is hashed, and how: a change of either takes the next number. */
const SCHEME = 'snowflake/1'

/**
 * Hashes the content of a relation into one row of text: how many rows, and HASH_AGG, which depends
 * neither on their order nor on how they got there
 * (https://docs.snowflake.com/en/sql-reference/functions/hash_agg).
 */
export function contentQuery(from: string, columns: readonly Column[]): string {
  return `select cast(count(*) as varchar) as counted, cast(${hashAgg(columns)} as varchar) as hashed from ${from}`
}

/** For each column in turn, one row of text: its own hash, and that of the rows without it. */
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

/** Makes the version of what `contentQuery` gave; `leftOut` tells apart what was hashed without them. */
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

/** HASH_AGG takes -0.0 for 0.0, which an extract writes differently. */
function hashTerms(column: Column): readonly string[] {
  const name = quoted(column.name)
  if (isDeletionMark(column)) return [`${name} is not null`]
  if (column.type !== 'FLOAT') return [name]
  return [name, `case when ${name} = 0 then cast(${name} as varchar) end`]
}
