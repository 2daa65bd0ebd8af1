import { LONGEST_CODE } from '../lib/longest-code.ts'
/** A view of a warehouse; `sql` is null if the warehouse does not show it. */
export interface ViewText {
  /** `schema.name`, after the database if that is another one than the target's. */
  readonly view: string
  readonly sql: string | null
}

/** A relation in its parts. A text may write its database, or leave it out. */
export interface SourceName {
  readonly database: string
  readonly schema: string
  readonly name: string
}

/**
 * The views that may read each relation, for `Session.viewsOver`. `nameOf` splits a relation, and the name of a view.
 * A view without text may read anything. Pure.
 */
export function viewsThatRead(
  relations: readonly string[],
  views: readonly ViewText[],
  nameOf: (relation: string) => SourceName,
): ReadonlyMap<string, readonly string[]> {
  const parsed = views.map(({ view, sql }) => ({
    view,
    text: sql === null || sql.length > LONGEST_CODE ? null : parse(sql),
  }))
  return new Map(
    relations.map((relation) => {
      const source = nameOf(relation)
      const found = parsed.filter(
        ({ view, text }) =>
          !isSameName(nameOf(view), source) && (text === null || mayRead(text, source)),
      )
      return [relation, found.map(({ view }) => view)]
    }),
  )
}

function isSameName(one: SourceName, other: SourceName): boolean {
  return (['database', 'schema', 'name'] as const).every(
    (part) => one[part].toLowerCase() === other[part].toLowerCase(),
  )
}

/** A name with its qualifiers, in lower case, at its first token. */
interface Chain {
  readonly parts: readonly string[]
  readonly at: number
  /** Whether a table can stand there: after FROM, JOIN, or a comma of such a list. */
  readonly isTable: boolean
}

/** The name of a WITH. Its own body can't read it; what follows in the same parentheses reads it. */
interface Cte {
  readonly name: string
  readonly from: number
  readonly to: number
}

interface ParsedSql {
  readonly chains: readonly Chain[]
  readonly ctes: readonly Cte[]
}

/**
 * Quoting and case are ignored: a table that is taken for another one is kept, never dropped. A bare name may
 * be in any schema of the search path, so it counts unless a WITH defines it.
 */
function mayRead({ chains, ctes }: ParsedSql, { database, schema, name }: SourceName): boolean {
  const [db, inSchema, table] = [database, schema, name].map((part) => part.toLowerCase())
  return chains.some(({ parts, at, isTable }) => {
    if (parts.some((part, k) => part === inSchema && parts[k + 1] === table)) return true
    const isBare = parts.length === 1 && parts[0] === table && isTable
    const isInDefaultSchema = parts.length === 2 && parts[0] === db && parts[1] === table
    if (isInDefaultSchema) return true
    return isBare && !ctes.some((cte) => cte.name === table && cte.from < at && at < cte.to)
  })
}

/** Comments, texts, quoted names, words, and single characters. */
const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'[^']*(?:''[^']*)*'|\$\$[\s\S]*?(?:\$\$|$)|"[^"]*(?:""[^"]*)*"|[\p{L}_][\p{L}\p{N}_$]*|\S/gu

/** After these words a table can stand. */
const BEFORE_TABLE = new Set(['from', 'join', 'table', 'pivot', 'unpivot', 'summarize', 'describe'])
/** These words end a list of tables. */
const AFTER_TABLES = new Set([
  ...['where', 'group', 'order', 'having', 'qualify', 'window', 'limit'],
  ...['union', 'except', 'intersect', 'select', 'with', 'values'],
])

function parse(sql: string): ParsedSql {
  const tokens = (sql.match(TOKENS) ?? []).filter((token) => !/^(--|\/\*|'|\$\$)/.test(token))
  const closes = closingParentheses(tokens)
  const chains: Chain[] = []
  const ctes: Cte[] = []
  /** For each open parenthesis: whether it is in a list of tables, and where it closes. */
  const open = [{ inTables: false, close: tokens.length }]
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!
    const before = tokens[at - 1]?.toLowerCase() ?? ''
    const level = open.at(-1)!
    const startsTable = level.inTables && (BEFORE_TABLE.has(before) || /^[,(]$/.test(before))
    if (token === '(') open.push({ inTables: startsTable, close: closes.get(at) ?? tokens.length })
    else if (token === ')') {
      if (open.length > 1) open.pop()
    } else if (!isName(token)) continue
    else if (BEFORE_TABLE.has(token.toLowerCase())) level.inTables = true
    else if (AFTER_TABLES.has(token.toLowerCase())) level.inTables = false
    else {
      const parts = [nameOf(token)]
      const first = at
      while (tokens[at + 1] === '.' && isName(tokens[at + 2] ?? '')) {
        at += 2
        parts.push(nameOf(tokens[at]!))
      }
      chains.push({ parts, at: first, isTable: startsTable })
      const body = bodyOfCte(tokens, closes, first, before)
      if (body !== null) ctes.push({ name: parts[0]!, from: body, to: level.close })
    }
  }
  return { chains, ctes }
}

/** Where the body of `name [(columns)] as [[not] materialized] (…)` closes; null for any other name. */
function bodyOfCte(
  tokens: readonly string[],
  closes: ReadonlyMap<number, number>,
  at: number,
  before: string,
): number | null {
  if (!['with', 'recursive', ','].includes(before)) return null
  let next = at + 1
  if (tokens[next] === '(') next = (closes.get(next) ?? tokens.length) + 1
  if (tokens[next]?.toLowerCase() !== 'as') return null
  next += 1
  while (['not', 'materialized'].includes(tokens[next]?.toLowerCase() ?? '')) next += 1
  return tokens[next] === '(' ? (closes.get(next) ?? null) : null
}

function closingParentheses(tokens: readonly string[]): ReadonlyMap<number, number> {
  const closes = new Map<number, number>()
  const open: number[] = []
  for (const [at, token] of tokens.entries()) {
    if (token === '(') open.push(at)
    else if (token === ')') {
      const start = open.pop()
      if (start !== undefined) closes.set(start, at)
    }
  }
  return closes
}

const isName = (token: string): boolean => /^["\p{L}_]/u.test(token)

const nameOf = (token: string): string =>
  (token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token).toLowerCase()
