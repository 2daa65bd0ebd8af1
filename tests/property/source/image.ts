import type { Stream } from '../../../framework/model/stream.ts'
import type { Place } from './place.ts'
import type { Reader, SceneStream } from './scene.ts'

/** What a stream's table holds, read by plain SQL. */
export interface Image {
  /** The oid of the table, and the definition of a view. */
  readonly identity: string
  readonly columns: readonly ImageColumn[]
  readonly rows: readonly ImageRow[]
  /** The largest finite cursor value; null without one. */
  readonly last: string | null
}

export interface ImageColumn {
  readonly name: string
  readonly type: string
}

export interface ImageRow {
  /** The values as texts, as JSON. */
  readonly text: string
  /** Whether a load that goes on from the given cursor value can't see it by nature. */
  readonly below: boolean
  /** The same for a load that goes on from this image. */
  readonly passed: boolean
  /** Its xmin; empty for a view. */
  readonly version: string
}

/** A stream, and the largest finite cursor value of its last load. */
export interface Asked extends SceneStream {
  readonly last: string | null
}

/** Reads images, in the order of `asked`. The error's message where the rows can't be read. */
export async function readImages(
  place: Place,
  asked: readonly Asked[],
): Promise<readonly (Image | string)[]> {
  const images = new Map<Asked, Image | string>()
  for (const reader of ['owner', 'reader'] as const) {
    const own = asked.filter((one) => one.reader === reader)
    if (own.length > 0) await readAs(place, reader, own, images)
  }
  return asked.map((one) => images.get(one)!)
}

async function readAs(
  place: Place,
  reader: Reader,
  asked: readonly Asked[],
  images: Map<Asked, Image | string>,
): Promise<void> {
  const tables = await place.read(
    reader,
    asked.map(({ stream }) => tableQuery(stream)),
  )
  const found: { readonly one: Asked; readonly table: Table }[] = []
  for (const [index, one] of asked.entries()) {
    const answer = tables[index]!
    const table = typeof answer === 'string' ? answer : tableOf(one.stream, answer[0])
    if (typeof table === 'string') images.set(one, table)
    else found.push({ one, table })
  }
  const all = await place.read(
    reader,
    found.map(({ one, table }) => rowsQuery(one, table)),
  )
  for (const [index, { one, table }] of found.entries()) {
    const answer = all[index]!
    if (typeof answer === 'string') {
      images.set(one, answer)
      continue
    }
    const rows = answer.map(([text, below, passed, version]) => ({
      text: text!,
      below: below === 'true',
      passed: passed === 'true',
      version: version!,
    }))
    const { identity, columns } = table
    images.set(one, { identity, columns, rows, last: answer[0]?.[4] ?? null })
  }
}

interface Table {
  readonly identity: string
  readonly isView: boolean
  readonly columns: readonly ImageColumn[]
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
const qualified = ({ namespace, stream }: Stream) =>
  `${quoted(namespace ?? 'public')}.${quoted(stream)}`

function tableQuery(stream: Stream): string {
  return `select c.oid::text, c.relkind::text,
  case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) else '' end,
  (select json_agg(json_build_array(a.attname, case when t.typcategory = 'A' then 'array' else t.typname end) order by a.attnum)::text
   from pg_attribute a join pg_type t on t.oid = a.atttypid
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
from pg_class c where c.oid = to_regclass(${literal(qualified(stream))})`
}

function tableOf(
  { stream, columns: wanted }: Stream,
  row: readonly (string | null)[] | undefined,
): Table | string {
  if (row === undefined) return `no table ${stream}`
  const [oid, kind, definition, columns] = row
  const all = (JSON.parse(columns ?? '[]') as [string, string][]).map(([name, type]) => ({
    name,
    type,
  }))
  return {
    identity: `${oid} ${definition}`,
    isView: kind === 'v',
    columns: all.filter(({ name }) => wanted?.includes(name) ?? true),
  }
}

/** Of each row: its values as JSON, whether it is below the given and its own last cursor, xmin, the last cursor. */
function rowsQuery({ stream, last }: Asked, { columns, isView }: Table): string {
  const values = `json_build_array(${columns.map(valueSql).join(', ')})::text`
  const version = isView ? "''" : 'xmin::text'
  const from = qualified(stream)
  if (stream.cursor === null)
    return `select ${values}, 'false', 'false', ${version}, null from ${from}`
  const cursor = quoted(stream.cursor)
  const finite = `${cursor} is not null and ${cursor}::text !~* '^(nan|-?infinity)$'`
  const max = `(select max(${cursor}) from ${from} where ${finite})`
  const below = last === null ? "'false'" : `(${finite} and ${cursor} < ${literal(last)})::text`
  return `select ${values}, ${below}, (${finite} and ${cursor} < ${max})::text, ${version}, ${max}::text from ${from}`
}

function valueSql({ name, type }: ImageColumn): string {
  const column = quoted(name)
  if (type === 'array') return `to_json(${column})::text`
  if (type === 'money') return `${column}::numeric::text`
  // A cast to text takes the padding away.
  if (type === 'bpchar') return `case when ${column} is not null then format('%s', ${column}) end`
  return `${column}::text`
}
