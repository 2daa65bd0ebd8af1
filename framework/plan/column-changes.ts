import type { Graph } from '../graph/graph.ts'
import { stableJson } from '../lib/json.ts'
import { LONGEST_CODE } from '../lib/longest-code.ts'
import type { Column, ColumnSource, ParseSql } from '../model/columns.ts'
import { type AllColumnFacts, KnownColumns } from './known-columns.ts'

/** Where an asset names a column. */
export interface ColumnReader {
  readonly asset: string
  readonly file: string
  /** 1-based. */
  readonly line: number
}

/** A column that differs between two projects. */
export interface ColumnChange {
  readonly asset: string
  readonly column: string
  readonly change: 'added' | 'removed' | 'retyped'
  readonly from: string | null
  readonly to: string | null
  /** The direct readers of the asset that name the column, in the working tree. Empty for `added`. */
  readonly readers: readonly ColumnReader[]
}

export interface ColumnChanges {
  readonly changes: readonly ColumnChange[]
  /** Assets that may have other columns: the files do not say. */
  readonly unknown: readonly string[]
}

/**
 * The columns that differ between two projects, for the assets that both have. Only what the files say for certain is a
 * change. `parse` is called only for assets whose text differs, or that show all columns of one that does.
 */
export async function columnChanges(
  graph: Graph,
  base: AllColumnFacts,
  work: AllColumnFacts,
  parse: ParseSql,
): Promise<ColumnChanges> {
  const before = new KnownColumns(base, parse)
  const now = new KnownColumns(work, parse)
  const changes: ColumnChange[] = []
  const unknown: string[] = []
  /** Assets with other columns, or with some that are not known. */
  const moved = new Set<string>()
  for (const i of graph.order) {
    const asset = graph.names[i]!
    const [was, is] = [base.get(asset), work.get(asset)]
    if (was === undefined || is === undefined) continue
    const isSame = stableJson(jsonOf(was.source)) === stableJson(jsonOf(is.source))
    const showsMoved =
      isSame && showsAll(is.source) && readsOf(is.source).some((one) => moved.has(one))
    // The same text without a source has the columns that it had, or reads what decides them.
    const isUnread = isSame && is.source === null && was.text?.text === is.text?.text
    if ((isSame && is.source !== null && !showsMoved) || isUnread) continue
    const [from, to] = [await before.of(asset), await now.of(asset)]
    if (from === null || to === null) {
      if (!isSame) unknown.push(asset)
      moved.add(asset)
      continue
    }
    const own = differences(asset, from, to)
    if (own.length > 0) moved.add(asset)
    changes.push(...own.map((one) => ({ ...one, readers: readersOf(graph, i, one, work) })))
  }
  return { changes, unknown }
}

function differences(
  asset: string,
  from: readonly Column[],
  to: readonly Column[],
): readonly Omit<ColumnChange, 'readers'>[] {
  const now = new Map(to.map((column) => [column.name.toLowerCase(), column]))
  const before = new Map(from.map((column) => [column.name.toLowerCase(), column]))
  const gone = from.flatMap(({ name, type }): Omit<ColumnChange, 'readers'>[] => {
    const is = now.get(name.toLowerCase())
    if (is === undefined) return [{ asset, column: name, change: 'removed', from: type, to: null }]
    const isRetyped =
      type !== null && is.type !== null && type.toLowerCase() !== is.type.toLowerCase()
    return isRetyped ? [{ asset, column: name, change: 'retyped', from: type, to: is.type }] : []
  })
  const added = to.flatMap(({ name, type }): Omit<ColumnChange, 'readers'>[] =>
    before.has(name.toLowerCase())
      ? []
      : [{ asset, column: name, change: 'added', from: null, to: type }],
  )
  return [...gone, ...added]
}

/** A text in which names do not depend on their order. */
const jsonOf = (source: ColumnSource | null) =>
  source?.is === 'query' ? { ...source, sql: source.sql.trim() } : source

const showsAll = (source: ColumnSource | null) => source?.is === 'query' && source.sql.includes('*')
const readsOf = (source: ColumnSource | null) =>
  source?.is === 'query' ? Object.values(source.tables) : []

function readersOf(
  graph: Graph,
  i: number,
  { change, column }: Pick<ColumnChange, 'change' | 'column'>,
  facts: AllColumnFacts,
): readonly ColumnReader[] {
  if (change === 'added') return []
  return Array.from(graph.readers(i)).flatMap((reader) => {
    const asset = graph.names[reader]!
    const text = facts.get(asset)?.text ?? null
    const line = text === null ? null : lineNaming(text.text, column)
    return text === null || line === null ? [] : [{ asset, file: text.file, line }]
  })
}

/** Comments of SQL, Jinja and YAML. */
const COMMENTS = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\{#[\s\S]*?(?:#\}|$)/g

/** The first line that has the name as a word, outside of comments. */
function lineNaming(text: string, name: string): number | null {
  if (text.length > LONGEST_CODE) return null
  const shown = text.replace(COMMENTS, (comment) => comment.replace(/[^\n]/g, ' '))
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const found = new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`, 'i').exec(shown)
  return found === null ? null : shown.slice(0, found.index).split('\n').length
}
