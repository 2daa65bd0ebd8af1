import { hash } from '../../framework/lib/hash.ts'
import { fail, ok, ProblemError, type Result } from '../../framework/model/problem.ts'
import type {
  Fingerprint,
  Session,
  StreamColumn,
  TableLoad,
} from '../../framework/ports/warehouse.ts'
import { type Cell, readSpool } from './spool.ts'

export type Row = Readonly<Record<string, Cell>>

export interface MemoryTable {
  readonly columns: readonly StreamColumn[]
  readonly rows: readonly Row[]
  /** The column `changes` of the spools: the values that were replaced by null, by row. */
  readonly changes: readonly Cell[]
  readonly generationId: number
}

export interface MemorySession extends Session {
  readonly tables: Map<string, MemoryTable>
  readonly loads: TableLoad[]
  /** Called before each spool is read. */
  onSpool: (path: string) => Promise<void>
}

/** A warehouse in memory that keeps the values of spools as text. Only loads are implemented. */
export function memorySession(): MemorySession {
  const tables = new Map<string, MemoryTable>()
  const session: MemorySession = {
    tables,
    loads: [],
    onSpool: async () => {},
    async inspect() {
      return new Map()
    },
    async digests() {
      return ok([])
    },
    async countSyncRows() {
      throw new Error('not here')
    },
    async compareViews() {
      throw new Error('not here')
    },
    async viewsOver() {
      throw new Error('not here')
    },
    async drop() {
      throw new Error('not here')
    },
    async fingerprint(relation, { volatile }) {
      return ok(fingerprint(relation, tables.get(relation)!, volatile))
    },
    loader: {
      async load(load) {
        session.loads.push(load)
        try {
          const table = await read(load, session)
          tables.set(load.relation, merged(load, tables.get(load.relation) ?? null, table))
          return ok({
            loaded: table.rows.length,
            fingerprint: fingerprint(load.relation, tables.get(load.relation)!, load.volatile),
          })
        } catch (error) {
          if (error instanceof ProblemError) return fail(...error.problems) as Result<never>
          throw error
        }
      },
    },
    async export() {
      throw new Error('not here')
    },
    async close() {},
  }
  return session
}

async function read(load: TableLoad, session: MemorySession): Promise<MemoryTable> {
  const rows: Row[] = []
  const changes: Cell[] = []
  for await (const spool of load.spools) {
    await session.onSpool(spool.path)
    const { types, rows: read } = await readSpool(spool.path)
    const expected = load.columns.length + 1
    if (types.length !== expected) throw new Error(`${types.length} of ${expected} columns`)
    for (const cells of read) {
      rows.push(Object.fromEntries(load.columns.map(({ name }, index) => [name, cells[index]!])))
      changes.push(cells.at(-1)!)
    }
  }
  return { columns: load.columns, rows, changes, generationId: load.generationId }
}

function merged({ mode }: TableLoad, old: MemoryTable | null, added: MemoryTable): MemoryTable {
  if (mode.how === 'replace' || old === null) return added
  const all = [old, added].flatMap(({ rows, changes }) =>
    rows.map((row, at) => ({ row, changes: changes[at] ?? null })),
  )
  const kept =
    mode.how === 'append'
      ? all
      : [...new Map(all.map((one) => [keyOf(one, mode.key), one])).values()]
  return {
    ...added,
    rows: kept.map(({ row }) => row),
    changes: kept.map(({ changes }) => changes),
  }
}

/** The columns of a key, and the exact texts of those that lost information. */
function keyOf(
  { row, changes }: { readonly row: Row; readonly changes: Cell },
  key: readonly string[],
): string {
  const listed = JSON.parse(changes ?? '[]') as readonly { readonly exact?: unknown }[]
  return JSON.stringify([
    key.map((column) => row[column]),
    listed.flatMap(({ exact }) => (exact === undefined ? [] : [exact])),
  ])
}

function fingerprint(
  relation: string,
  { columns, rows }: MemoryTable,
  volatile: readonly string[],
): Fingerprint {
  const shape = { relation, columns: hash(JSON.stringify(columns)) }
  const stable = columns.filter(({ name }) => !volatile.includes(name))
  const texts = rows.map((row) => JSON.stringify(stable.map(({ name }) => row[name]))).sort()
  return {
    version: `c:memory:${hash(shape.columns, ...texts)}`,
    shape,
    rows: rows.length,
    bytes: 0,
    token: null,
  }
}
