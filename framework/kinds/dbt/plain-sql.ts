import { LONGEST_CODE } from '../../lib/longest-code.ts'
import { HOLE } from '../../model/columns.ts'

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
const COMMENT = /\{#[\s\S]*?(?:#\}|$)/g
/** Statements that give no text, or only when a model is built on top of what is there. */
const SILENT = [
  /\{%-?\s*if\s+is_incremental\(\)\s*-?%\}(?:(?!\{%)[\s\S])*\{%-?\s*endif\s*-?%\}/g,
  /\{%-?\s*(?:snapshot\s+\w+|endsnapshot)\s*-?%\}/g,
  /\{%-?\s*set\s+\w+\s*=(?:(?!%\}|\{%)[\s\S])*-?%\}/g,
]
const OUTPUT = /\{\{-?((?:(?!\{\{)[\s\S])*?)-?\}\}/g
/** Next to one of these, what Jinja gives is only a part of a name. */
const PART = /[\w$"]/

/**
 * The SQL of a template, with names in place of its Jinja: of tables for `ref` and `source`, and `HOLE` for any other
 * expression. null if statements of Jinja decide what it renders to. Pure.
 */
export function plainSql(template: string): PlainSql | null {
  if (template.length > LONGEST_CODE) return null
  const tables = new Map<string, TableName>()
  let isWhole = true
  const text = SILENT.reduce(
    (rest, silent) => rest.replace(silent, ' '),
    template.replace(COMMENT, ' '),
  )
  const sql = text.replace(OUTPUT, (output: string, inner: string, at: number) => {
    const code = inner.trim()
    if (/^config\s*\([\s\S]*\)$/.test(code)) return ' '
    const table = tableOf(code)
    if (table === null) {
      const around = [text[at - 1] ?? '', text[at + output.length] ?? '']
      if (around.some((char) => PART.test(char))) isWhole = false
      return `"${HOLE}"`
    }
    const name = `assets ${table.is} ${table.name}`
    tables.set(name, table)
    return `"${name}"`
  })
  return isWhole && !/\{[{%#]/.test(sql) ? { sql: sql.replace(/;\s*$/, ''), tables } : null
}

function tableOf(code: string): TableName | null {
  const found = CALL.exec(code)
  if (found === null) return null
  const [, called, a, b, c, d] = found
  const [first, second] = [a ?? b!, c ?? d]
  if (/["\n]/.test(`${first}${second ?? ''}`)) return null
  if (called === 'source') {
    return second === undefined ? null : { is: 'source', name: `${first}.${second}` }
  }
  return { is: 'ref', name: second === undefined ? first : `${first}.${second}` }
}
