import { LONGEST_CODE } from '../../../lib/longest-code.ts'
import type { ManifestFacts, NodeFacts } from './worker-manifest.ts'

/** DuckDB's functions that read files. Source: duckdb.org/docs, data import. */
const READERS =
  /\b(?:read_(?:csv|csv_auto|parquet|json|json_auto|json_objects|json_objects_auto|ndjson|ndjson_auto|ndjson_objects|text|blob|xlsx|duckdb)|parquet_scan|parquet_metadata|parquet_schema|parquet_file_metadata|sniff_csv|glob|delta_scan|iceberg_scan|st_read)\s*\(\s*/gi
/** A file in place of a table: `from 'a.csv'`. Other texts after FROM are values. */
const QUOTED_TABLE =
  /\b(?:from|join)\s+(?:'([^']+\.(?:csv|tsv|parquet|json|jsonl|ndjson|xlsx)(?:\.(?:gz|zst))?)'|"([^"]+\.(?:csv|tsv|parquet|json|jsonl|ndjson|xlsx)(?:\.(?:gz|zst))?)")/gi
const OPENING = /(?:\[\s*)?/y
const TEXT = /'([^']*)'|"([^"]*)"/y
const COMMA = /\s*,\s*/y
const CLOSING = /\s*\]/y
const COMMENTS = /\{#.*?(?:#\}|$)|\/\*.*?(?:\*\/|$)|--[^\n]*|('[^']*(?:''[^']*)*')/gs

/** A path that the code does not spell out: of a variable, a macro or a column. */
export const COMPUTED = ''

/**
 * The files that the code of a node names (SEMANTICS 30): its own and that of every macro of the project
 * that it calls. Paths and patterns as they are written, `COMPUTED` for others. None on another warehouse than
 * DuckDB, whose SQL names no files of this machine.
 */
export class FileReads {
  readonly #isDuckdb: boolean
  readonly #macros: ReadonlyMap<string, ManifestFacts['macros'][number]>

  constructor({ adapter, macros }: ManifestFacts) {
    this.#isDuckdb = adapter === 'duckdb'
    this.#macros = new Map(macros.map((macro) => [macro.id, macro]))
  }

  of({ naming, macros, language }: NodeFacts): readonly string[] {
    if (!this.#isDuckdb) return []
    const code = naming ?? ''
    const found = new Set(language === 'python' ? pythonReads(code) : sqlReads(code))
    const seen = new Set(macros)
    for (const id of seen) {
      const macro = this.#macros.get(id)
      if (macro === undefined || macro.built_in) continue
      for (const path of sqlReads(macro.naming ?? '')) found.add(path)
      for (const called of macro.macros) seen.add(called)
    }
    return [...found]
  }
}

function sqlReads(code: string): readonly string[] {
  if (code.length > LONGEST_CODE) return [COMPUTED]
  const sql = code.replaceAll(COMMENTS, (text, quoted?: string) =>
    quoted === undefined ? ' ' : text,
  )
  const tables = [...sql.matchAll(QUOTED_TABLE)].map(([, path, name]) => path ?? name!)
  return [...calls(sql), ...tables].map(orComputed)
}

function pythonReads(code: string): readonly string[] {
  return calls(code.replaceAll(/^[^\S\n]*#.*$/gm, '')).map(orComputed)
}

/** The first arguments of all calls of a reader. */
function calls(code: string): readonly string[] {
  return [...code.matchAll(READERS)].flatMap((call) => {
    const texts = textsAt(code, call.index + call[0].length)
    return texts.length === 0 ? [COMPUTED] : texts
  })
}

/** The quoted text at an offset, or the list of them; of a list that goes on with anything else, the first. */
function textsAt(code: string, start: number): readonly string[] {
  let at = start
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(code)
    if (found !== null) at = pattern.lastIndex
    return found
  }
  take(OPENING)
  const texts: string[] = []
  for (let text = take(TEXT); text !== null; text = take(COMMA) === null ? null : take(TEXT)) {
    texts.push(text[1] ?? text[2]!)
  }
  return take(CLOSING) === null ? texts.slice(0, 1) : texts
}

/** A text with Jinja is known only when it is rendered. */
function orComputed(path: string): string {
  return /\{[{%]/.test(path) ? COMPUTED : path
}
