import { fail, ok, ProblemError, type Result } from '../../model/problem.ts'
import { modeOfVersion, tokenVersion } from '../../model/version.ts'
import type { ColumnDigest, Fingerprint, Inspected, Reader } from '../../ports/warehouse.ts'
import { type Column, columnsLeftOut, contentColumns, shapeHash } from '../columns.ts'
import {
  definitionHash,
  type Entry,
  keyOf,
  type Query,
  readCatalogue,
  resultType,
  tableFacts,
} from './catalogue.ts'
import type { ResultColumn } from './driver.ts'
import { contentQuery, digestsQuery, versionOfContent } from './fingerprint.ts'
import { qualified, relationName, shownName } from './names.ts'
import { type Doing, problemOf, type Whereabouts } from './problems.ts'

/** What a reader needs of a session. */
export interface Asking {
  readonly query: Query
  /** The columns that a query would give. */
  readonly describe: (sql: string) => Promise<readonly ResultColumn[]>
}

/** Where relations are looked for, and up to how many bytes a table is hashed. */
export interface Place {
  readonly database: string
  /** The schema of a relation that names none. */
  readonly schema: string
  readonly hashUpTo: number
}

/** A table near the threshold keeps the mode that it has: a few rows more or less are no new version. */
const HYSTERESIS = 2

/** Reads a database of an account through a session. */
export function createReader(
  { query, describe }: Asking,
  place: Place,
  where: Whereabouts,
): Reader {
  const { database, schema: fallback } = place
  const address = (relation: string) => qualified(database, relationName(relation, fallback))
  const unreadable = (error: unknown, relation: string) =>
    problemOf(error, where, {
      code: 'relation-unreadable',
      message: `${relation} can't be read from ${where.name}`,
      hint: 'build it again: it is gone, the role may not read it, or a view in it names a column that is no more',
    })
  /** What was just inspected is often hashed next. Good for one time: it is older than the rows, never newer. */
  const lately = new Map<string, Entry>()
  const columnsOf = async (relation: string): Promise<readonly Column[]> => {
    const columns = await describe(`select * from ${address(relation)}`)
    return columns.map((column) => ({ name: column.name, type: resultType(column) }))
  }
  return {
    async inspect(relations) {
      try {
        const catalogue = await readCatalogue(query, database, fallback, relations)
        return inspectedOf(relations, (relation) => {
          const entry = catalogue.get(keyOf(relation, fallback))
          if (entry !== undefined) lately.set(relation, entry)
          return entry
        })
      } catch (error) {
        const doing: Doing = {
          code: 'warehouse-failed',
          message: `${where.name} could not be inspected`,
        }
        throw new ProblemError(problemOf(error, where, doing))
      }
    },
    async fingerprint(
      relation,
      { volatile, before, content: always },
    ): Promise<Result<Fingerprint>> {
      try {
        const entry = lately.get(relation)
        lately.delete(relation)
        const isView = entry !== undefined && entry.definition !== null
        const columns = entry && !isView ? entry.columns : await columnsOf(relation)
        // Before the rows are read: a write in between makes the token older than they are, never newer.
        const facts = isView ? null : await tableFacts(query, database, relation, fallback)
        const { bytes, token } = facts ?? { bytes: null, token: null }
        const shape = { relation, columns: shapeHash(columns) }
        const limit =
          before && modeOfVersion(before) === 'content'
            ? HYSTERESIS * place.hashUpTo
            : place.hashUpTo
        if (facts !== null && facts.bytes > limit && !always) {
          const version = tokenVersion(relation, facts.token)
          return ok({ version, shape, rows: facts.rows, bytes, token })
        }
        const content = contentColumns(columns, volatile)
        const row = valuesOf(await query(contentQuery(address(relation), content)))
        const version = versionOfContent(content, row, columnsLeftOut(columns, volatile))
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
  entryOf: (relation: string) => Entry | undefined,
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

/** A single row as an array, whatever its columns are called. */
const valuesOf = (rows: readonly Readonly<Record<string, unknown>>[]): readonly unknown[] =>
  Object.values(rows[0] ?? {})
