/** A table in a template: `name` or `package.name` of a `ref`, `source.table` of a `source`. */
export interface TableName {
  readonly is: 'ref' | 'source'
  readonly name: string
}

export interface PlainSql {
  readonly sql: string
  /** What the names of tables stand for that replace Jinja in it. */
  readonly tables: ReadonlyMap<string, TableName>
}

const LITERAL = String.raw`\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*`
const CALL = new RegExp(String.raw`^(ref|source)\(${LITERAL}(?:,${LITERAL})?\)$`)
/** Runs only on top of what is there. A build in full has none of it. */
const INCREMENTAL =
  /\{%-?\s*if\s+is_incremental\(\)\s*-?%\}(?:(?!\{%)[\s\S])*\{%-?\s*endif\s*-?%\}/g
const SNAPSHOT = /\{%-?\s*(?:snapshot\s+\w+|endsnapshot)\s*-?%\}/g
const COMMENT = /\{#[\s\S]*?#\}/g
const OUTPUT = /\{\{-?([\s\S]*?)-?\}\}/g

/**
 * The SQL of a template whose Jinja does nothing but name tables and set the configuration; null for any other, because
 * what it renders to is not certain. Pure.
 */
export function plainSql(template: string): PlainSql | null {
  const tables = new Map<string, TableName>()
  let isPlain = true
  const sql = template
    .replace(COMMENT, ' ')
    .replace(INCREMENTAL, ' ')
    .replace(SNAPSHOT, ' ')
    .replace(OUTPUT, (_, inner: string) => {
      const code = inner.trim()
      if (/^config\s*\([\s\S]*\)$/.test(code)) return ' '
      if (code === 'this') return '"assets this"'
      const table = tableOf(code)
      if (table === null) {
        isPlain = false
        return ' '
      }
      const name = `assets ${table.is} ${table.name}`
      tables.set(name, table)
      return `"${name}"`
    })
  return isPlain && !/\{[{%#]/.test(sql) ? { sql: sql.replace(/;\s*$/, ''), tables } : null
}

function tableOf(code: string): TableName | null {
  const found = CALL.exec(code)
  if (found === null) return null
  const [, called, a, b, c, d] = found
  const [first, second] = [a ?? b!, c ?? d]
  if (/["\n]/.test(`${first}${second ?? ''}`)) return null
  if (called === 'source')
    return second === undefined ? null : { is: 'source', name: `${first}.${second}` }
  return { is: 'ref', name: second === undefined ? first : `${first}.${second}` }
}
