import { minorVersion } from '../../engines/duckdb/library.ts'
import { quoted } from '../../engines/duckdb/names.ts'
import { hash } from '../../lib/hash.ts'
import { contentVersion, type Version } from '../../model/version.ts'
import { type Column, isDeletionTime } from '../columns.ts'

export {
  type Column,
  contentColumns,
  shapeHash,
  volatileColumns as columnsLeftOut,
} from '../columns.ts'

/** Part of the version's scheme. Increase it when what is hashed, or how, changes. */
const REVISION = 1

/** Types for which `hash()` distinguishes all values that are written differently. */
const HASHABLE =
  /^(BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,\s?\d+\)|VARCHAR|BLOB|UUID|DATE|TIME|TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE)$/

/** A query for one row of text: for each column, the hash of its values and of the rows without it. */
export function digestsQuery(relation: string, columns: readonly Column[]): string {
  const hashed = (some: readonly Column[]) => rowHash(some.flatMap(hashTerms))
  const sums = columns.map((column, at) => {
    const others = columns.filter((_, other) => other !== at)
    return [[column], others].map((some) => {
      const row = hashed(some)
      return `coalesce(sum(${row}), 0)::varchar || ' ' || coalesce(bit_xor(${row}), 0)::varchar`
    })
  })
  return `select ${sums.flat().join(', ')} from ${relation}`
}

/**
 * A query that hashes the content of a relation. It returns one row of text: DuckDB's version, the number
 * of rows, and the sum and XOR of the row hashes, which do not depend on the order of rows. With `all`,
 * the sum and XOR over those columns follow, for `tableToken`.
 */
export function contentQuery(
  relation: string,
  columns: readonly Column[],
  all: readonly Column[] | null = null,
): string {
  const sums = (row: string) =>
    `coalesce(sum(${row}), 0)::varchar, coalesce(bit_xor(${row}), 0)::varchar`
  const hashes = [rowHash(columns.flatMap(hashTerms))]
  if (all !== null) hashes.push(rowHash(all.flatMap(plainTerms)))
  const names = ['h', 'w'].slice(0, hashes.length)
  const inner = names.map((name, at) => `${hashes[at]} as ${name}`).join(', ')
  return `select version(), count(*)::varchar, ${names.map(sums).join(', ')} from (select ${inner} from ${relation})`
}

function rowHash(terms: readonly string[]): string {
  return `hash(${terms.length === 0 ? 'true' : terms.join(', ')})`
}

/**
 * The content version for a row of `contentQuery`. The scheme names DuckDB's version, whose hash function
 * may change, and identifies the volatile columns (`leftOut`) that were not hashed.
 */
export function versionOfContent(
  columns: readonly Column[],
  row: readonly unknown[],
  leftOut: readonly string[] = [],
): Version {
  const [engine, ...digests] = row.slice(0, 4).map(String)
  const without = leftOut.length === 0 ? '' : `-${hash(...leftOut).slice(0, 8)}`
  const scheme = `duckdb-${minorVersion(engine!)}/${REVISION}${without}`
  const signature = JSON.stringify(columns.map(({ name, type }) => [name, type]))
  return contentVersion(scheme, signature, ...digests)
}

/**
 * The change token of a table, for a row of `contentQuery` with `all` columns. DuckDB (1.5.6) counts the
 * writes to a file but not to a table, so the token is a hash of all columns, including bookkeeping
 * and volatile ones.
 */
export function tableToken(columns: readonly Column[], row: readonly unknown[]): string {
  const signature = JSON.stringify(columns.map(({ name, type }) => [name, type]))
  const [engine, count] = row.map(String)
  return hash(minorVersion(engine!), signature, String(count), ...row.slice(4).map(String))
}

/**
 * The expressions to hash for a column. `hash()` does not distinguish `[]` from NULL, `[[1],[2]]` from
 * `[[1,2]]`, `1 month` from `30 days`, or -0.0 from 0.0, but their texts differ.
 */
function hashTerms(column: Column): readonly string[] {
  return isDeletionTime(column) ? [`${quoted(column.name)} is not null`] : plainTerms(column)
}

function plainTerms({ name, type }: Column): readonly string[] {
  const column = quoted(name)
  if (HASHABLE.test(type)) return [column]
  if (type === 'DOUBLE' || type === 'FLOAT') return [column, `signbit(${column})`]
  const text = `${column}::varchar`
  // The text of a union is the text of its value and does not name the member.
  return type.includes('UNION(') ? [text, `to_json(${column})::varchar`] : [text]
}
