import {
  type Column,
  type ColumnFacts,
  type ColumnSource,
  HOLE,
  type ParseSql,
} from '../model/columns.ts'
import { columnsOfQuery } from './select-list.ts'

/** What the files of one project say of the columns of its assets. */
export type AllColumnFacts = ReadonlyMap<string, ColumnFacts>

/** The columns of the assets of one project, as far as its files say for certain. Each asset is worked out once. */
export class KnownColumns {
  readonly #facts: AllColumnFacts
  readonly #parse: ParseSql
  readonly #known = new Map<string, readonly Column[] | null>()
  readonly #open = new Set<string>()

  constructor(facts: AllColumnFacts, parse: ParseSql) {
    this.#facts = facts
    this.#parse = parse
  }

  /** null: the files do not say. */
  async of(asset: string): Promise<readonly Column[] | null> {
    const known = this.#known.get(asset)
    // A source can be the table that reads it.
    if (known !== undefined || this.#open.has(asset)) return known ?? null
    this.#open.add(asset)
    const found = await this.#find(this.#facts.get(asset)?.source ?? null)
    this.#open.delete(asset)
    this.#known.set(asset, found)
    return found
  }

  async #find(source: ColumnSource | null): Promise<readonly Column[] | null> {
    if (source === null || source.is === 'list') return source?.columns ?? null
    const tree = await this.#parse(source.sql)
    if (tree === null) return null
    const tables = new Map<string, readonly Column[] | null>()
    for (const [name, asset] of Object.entries(source.tables))
      tables.set(name, await this.of(asset))
    const columns = columnsOfQuery(tree, (name) => tables.get(name) ?? null)
    // Without an alias, an expression that is not known can give any number of columns.
    return columns?.some(({ name }) => name === HOLE) === true ? null : columns
  }
}
