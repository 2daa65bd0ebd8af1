import { isFunctionRelation } from '../../model/function-relation.ts'
import { fail, ok, ProblemError, type Result } from '../../model/problem.ts'
import { modeOfVersion, tokenVersion } from '../../model/version.ts'
import type { ColumnDigest, Fingerprint, Inspected, Reader } from '../../ports/warehouse.ts'
import { type Column, contentColumns, shapeHash, volatileColumns } from '../columns.ts'
import {
  type CatalogueEntry,
  definitionHash,
  keyOf,
  type Query,
  readCatalogue,
  resultType,
  tableFacts,
} from './catalogue.ts'
import type { ResultColumn } from './driver.ts'
import { contentQuery, digestsQuery, versionOfContent } from './fingerprint.ts'
import { inspectFunctions } from './functions.ts'
import { qualified, relationName, shownName } from './names.ts'
import type { OtherDatabases } from './other-databases.ts'
import { type AccountLabel, problemOf } from './problems.ts'

/** Runs queries over a session. */
export interface SqlClient {
  readonly query: Query
  /** The columns of a query, without running it. */
  readonly describe: (sql: string) => Promise<readonly ResultColumn[]>
}

/** The database to read besides others that relations name, and the largest table that is hashed. */
export interface ReaderSettings {
  readonly database: string
  /** The schema of a relation that names none. */
  readonly schema: string
  readonly others: OtherDatabases
  /** In bytes. */
  readonly hashUpTo: number
}

/**
 * A table with a content version is hashed up to this multiple of `hashUpTo`, so a table near the limit
 * does not switch between content and token with every few rows.
 */
const HYSTERESIS = 2

/** Reads a database of the account over a session. */
export function createReader(
  { query, describe }: SqlClient,
  settings: ReaderSettings,
  label: AccountLabel,
): Reader {
  const { database, schema: defaultSchema, others } = settings
  const within = { database, schema: defaultSchema, others }
  const address = (relation: string) => qualified(database, relationName(relation, defaultSchema))
  const unreadable = (error: unknown, relation: string) =>
    problemOf(error, label, {
      code: 'relation-unreadable',
      message: `${relation} can't be read from ${label.name}`,
      hint: 'build it again, or grant the role the right to read it: it was deleted, the role may not read it, or a view in it uses a column that no longer exists',
    })
  /**
   * Catalogue entries of the last `inspect`, used once by the next `fingerprint`. An entry is older than
   * the rows that are hashed, never newer.
   */
  const recentlyInspected = new Map<string, CatalogueEntry>()
  const columnsOf = async (relation: string): Promise<readonly Column[]> => {
    const columns = await describe(`select * from ${address(relation)}`)
    return columns.map((column) => ({ name: column.name, type: resultType(column) }))
  }
  return {
    async inspect(relations) {
      try {
        const functions = relations.filter(isFunctionRelation)
        const called = await inspectFunctions(query, within, functions)
        const tables = relations.filter((relation) => !isFunctionRelation(relation))
        const catalogue = await readCatalogue(query, within, tables)
        const inspected = inspectedOf(tables, (relation) => {
          const entry = catalogue.get(keyOf(relation, within))
          if (entry !== undefined) recentlyInspected.set(relation, entry)
          return entry
        })
        return new Map([...inspected, ...called])
      } catch (error) {
        const message = `the relations of ${label.name} could not be inspected`
        throw new ProblemError(problemOf(error, label, { code: 'warehouse-failed', message }))
      }
    },
    async fingerprint(
      relation,
      { volatile, before, content: always },
    ): Promise<Result<Fingerprint>> {
      try {
        const entry = recentlyInspected.get(relation)
        recentlyInspected.delete(relation)
        const isView = entry !== undefined && entry.definition !== null
        const columns = entry && !isView ? entry.columns : await columnsOf(relation)
        // Read before the rows. After a write in between, the token is older than the rows, never newer.
        const facts = isView ? null : await tableFacts(query, database, relation, defaultSchema)
        const { bytes, token } = facts ?? { bytes: null, token: null }
        const shape = { relation, columns: shapeHash(columns) }
        const limit =
          before && modeOfVersion(before) === 'content'
            ? HYSTERESIS * settings.hashUpTo
            : settings.hashUpTo
        if (facts !== null && facts.bytes > limit && !always) {
          const version = tokenVersion(relation, facts.token)
          return ok({ version, shape, rows: facts.rows, bytes, token })
        }
        const content = contentColumns(columns, volatile)
        const row = valuesOf(await query(contentQuery(address(relation), content)))
        const version = versionOfContent(content, row, volatileColumns(columns, volatile))
        return ok({ version, shape, rows: Number(row[0]), bytes, token })
      } catch (error) {
        return fail(unreadable(error, relation))
      }
    },
    async digests(relation, { volatile }): Promise<Result<readonly ColumnDigest[]>> {
      try {
        const content = contentColumns(await columnsOf(relation), volatile)
        if (content.length === 0) return ok([])
        const row = valuesOf(await query(digestsQuery(address(relation), content)))
        return ok(
          content.map(({ name, type }, at) => ({
            name: shownName(name),
            type,
            alone: String(row[2 * at]),
            without: String(row[2 * at + 1]),
          })),
        )
      } catch (error) {
        return fail(unreadable(error, relation))
      }
    },
  }
}

function inspectedOf(
  relations: readonly string[],
  entryOf: (relation: string) => CatalogueEntry | undefined,
): ReadonlyMap<string, Inspected> {
  const found = new Map<string, Inspected>()
  for (const relation of relations) {
    const entry = entryOf(relation)
    if (entry === undefined) continue
    const { columns, definition, token } = entry
    found.set(relation, {
      kind: definition === null ? 'table' : 'view',
      columns: columns.map(({ name, type }) => ({ name: shownName(name), type })),
      shape: { relation, columns: shapeHash(columns) },
      installed: definition === null ? null : definitionHash(definition),
      ...(token === null ? {} : { token }),
    })
  }
  return found
}

/** The values of a single row, in the order of its columns. */
const valuesOf = (rows: readonly Readonly<Record<string, unknown>>[]): readonly unknown[] =>
  Object.values(rows[0] ?? {})
