import { hash } from '../../lib/hash.ts'
import type { Version } from '../../model/version.ts'
import { quoted } from './names.ts'

export interface Column {
  readonly name: string
  readonly type: string
}

/** The second part of the scheme: a change of what is hashed, or how, takes the next number. */
const REVISION = 1

/** Moves whenever a row is loaded again, so it is no content (SEMANTICS 2). */
const BOOKKEEPING = /^(_airbyte_.*|_ab_cdc_lsn|_ab_cdc_updated_at)$/i
/** Its time is bookkeeping, but a row that is deleted softly changes nothing else. */
const DELETED_AT = '_ab_cdc_deleted_at'

/** Types whose `hash()` tells apart what their text tells apart. */
const HASHABLE =
  /^(BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,\s?\d+\)|VARCHAR|BLOB|UUID|DATE|TIME|TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE)$/

/** The columns that are content, in order. */
export function contentColumns(
  columns: readonly Column[],
  volatile: readonly string[],
): readonly Column[] {
  const left = new Set(volatile.map((name) => name.toLowerCase()))
  return columns.filter(({ name }) => !BOOKKEEPING.test(name) && !left.has(name.toLowerCase()))
}

/**
 * Hashes the content of a relation into one row of text: DuckDB's version, rows, and the sum and the
 * XOR of the row hashes, which don't depend on the order of rows.
 */
export function contentQuery(relation: string, columns: readonly Column[]): string {
  const terms = columns.flatMap(hashTerms)
  const row = terms.length === 0 ? 'true' : terms.join(', ')
  return `select version(), count(*)::varchar, coalesce(sum(h), 0)::varchar, coalesce(bit_xor(h), 0)::varchar from (select hash(${row}) as h from ${relation})`
}

/** For each column in turn, one row of text: its own hash, and that of the rows without it. */
export function digestsQuery(relation: string, columns: readonly Column[]): string {
  const hashed = (some: readonly Column[]) => {
    const terms = some.flatMap(hashTerms)
    return `hash(${terms.length === 0 ? 'true' : terms.join(', ')})`
  }
  const sums = columns.map((column, at) => {
    const others = columns.filter((_, other) => other !== at)
    return [[column], others].map((some) => {
      const row = hashed(some)
      return `coalesce(sum(${row}), 0)::varchar || ' ' || coalesce(bit_xor(${row}), 0)::varchar`
    })
  })
  return `select ${sums.flat().join(', ')} from ${relation}`
}

/** Makes the version of what `contentQuery` gave. The scheme names the engine, whose hash may change. */
export function contentVersion(columns: readonly Column[], row: readonly unknown[]): Version {
  const [engine, ...digests] = row.map(String)
  const scheme = `duckdb-${engine?.match(/\d+\.\d+/)?.[0] ?? engine}/${REVISION}`
  const signature = JSON.stringify(columns.map(({ name, type }) => [name, type]))
  return `c:${scheme}:${hash(scheme, signature, ...digests)}`
}

/** Hash of the ordered names and types: what a view above was compiled against. */
export function shapeHash(columns: readonly Column[]): string {
  return hash(JSON.stringify(columns.map(({ name, type }) => [name, type])))
}

/**
 * `hash()` takes `[]` for NULL, `[[1],[2]]` for `[[1,2]]` and `1 month` for `30 days`, none of which
 * their text does; and it takes -0.0 for 0.0, which an extract writes differently.
 */
function hashTerms({ name, type }: Column): readonly string[] {
  const column = quoted(name)
  if (name.toLowerCase() === DELETED_AT) return [`${column} is not null`]
  if (HASHABLE.test(type)) return [column]
  if (type === 'DOUBLE' || type === 'FLOAT') return [column, `signbit(${column})`]
  const text = `${column}::varchar`
  // The text of a union is that of its value, without the member that holds it.
  return type.includes('UNION(') ? [text, `to_json(${column})::varchar`] : [text]
}
