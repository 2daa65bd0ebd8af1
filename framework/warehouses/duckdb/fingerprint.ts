import { hash } from '../../lib/hash.ts'
import { contentVersion, type Version } from '../../model/version.ts'
import { type Column, isDeletionMark } from '../columns.ts'
import { quoted } from './names.ts'

export { type Column, columnsLeftOut, contentColumns, shapeHash } from '../columns.ts'

/** The second part of the scheme: a change of what is hashed, or how, takes the next number. */
const REVISION = 1

/** Types whose `hash()` tells apart what their text tells apart. */
const HASHABLE =
  /^(BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,\s?\d+\)|VARCHAR|BLOB|UUID|DATE|TIME|TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE)$/

/** For each column in turn, one row of text: its own hash, and that of the rows without it. */
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
 * Hashes the content of a relation into one row of text: DuckDB's version, rows, and the sum and the
 * XOR of the row hashes, which don't depend on the order of rows; then the two sums for `written`, the
 * columns that tell whether anybody wrote there at all.
 */
export function contentQuery(
  relation: string,
  columns: readonly Column[],
  written: readonly Column[] | null = null,
): string {
  const sums = (row: string) =>
    `coalesce(sum(${row}), 0)::varchar, coalesce(bit_xor(${row}), 0)::varchar`
  const hashes = [rowHash(columns.flatMap(hashTerms))]
  if (written !== null) hashes.push(rowHash(written.flatMap(plainTerms)))
  const names = ['h', 'w'].slice(0, hashes.length)
  const inner = names.map((name, at) => `${hashes[at]} as ${name}`).join(', ')
  return `select version(), count(*)::varchar, ${names.map(sums).join(', ')} from (select ${inner} from ${relation})`
}

function rowHash(terms: readonly string[]): string {
  return `hash(${terms.length === 0 ? 'true' : terms.join(', ')})`
}

/**
 * Makes the version of what `contentQuery` gave. The scheme names the engine, whose hash may change, and
 * tells apart what was hashed without other columns (`leftOut`).
 */
export function versionOfContent(
  columns: readonly Column[],
  row: readonly unknown[],
  leftOut: readonly string[] = [],
): Version {
  const [engine, ...digests] = row.slice(0, 4).map(String)
  const without = leftOut.length === 0 ? '' : `-${hash(...leftOut).slice(0, 8)}`
  const scheme = `duckdb-${engine?.match(/\d+\.\d+/)?.[0] ?? engine}/${REVISION}${without}`
  const signature = JSON.stringify(columns.map(({ name, type }) => [name, type]))
  return contentVersion(scheme, signature, ...digests)
}

/**
 * DuckDB (1.5.6) counts the writes to a file and not those to a table, so the token of a table is a hash
 * of all that it holds, bookkeeping and volatile columns included.
 */
export function writeToken(columns: readonly Column[], row: readonly unknown[]): string {
  const signature = JSON.stringify(columns.map(({ name, type }) => [name, type]))
  const [engine, count] = row.map(String)
  return hash(String(engine), signature, String(count), ...row.slice(4).map(String))
}

/**
 * `hash()` takes `[]` for NULL, `[[1],[2]]` for `[[1,2]]` and `1 month` for `30 days`, none of which
 * their text does; and it takes -0.0 for 0.0, which an extract writes differently.
 */
function hashTerms(column: Column): readonly string[] {
  return isDeletionMark(column) ? [`${quoted(column.name)} is not null`] : plainTerms(column)
}

function plainTerms({ name, type }: Column): readonly string[] {
  const column = quoted(name)
  if (HASHABLE.test(type)) return [column]
  if (type === 'DOUBLE' || type === 'FLOAT') return [column, `signbit(${column})`]
  const text = `${column}::varchar`
  // The text of a union is that of its value, without the member that holds it.
  return type.includes('UNION(') ? [text, `to_json(${column})::varchar`] : [text]
}
