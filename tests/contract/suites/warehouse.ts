import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Result } from '../../../framework/model/problem.ts'
import type {
  Fingerprint,
  Loaded,
  Loan,
  RunSql,
  Session,
  Spool,
  StreamColumn,
  StreamType,
  TableLoad,
  Warehouse,
} from '../../../framework/ports/warehouse.ts'
import { type Cell, writeSpool } from '../../rig/spool.ts'

/** An empty warehouse for one test. */
export interface WarehouseUnderTest {
  readonly warehouse: Warehouse
  /** Runs SQL like a borrower. No session may be open. */
  execute(sql: string): Promise<void>
  /** Runs statements over the connection of a borrower. */
  borrow<T>(loan: Loan, use: (run: RunSql) => Promise<T>): Promise<T>
  /** Fills a raw table like Airbyte; absent for a warehouse with a loader. */
  fill?(load: TableLoad): Promise<Loaded>
  remove(): Promise<void>
}

export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2))
  return result.value
}

export const type = (name: Exclude<StreamType['type'], 'integer'>): StreamType => ({ type: name })
export const integer: StreamType = { type: 'integer', bits: 64 }

export function column(name: string, of: StreamType | 'text' = 'text'): StreamColumn {
  return { name, type: of === 'text' ? type('string') : of }
}

/** The rows of a CSV file with a header. Null is an empty unquoted field. */
export function parseCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = []
  const field = /(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n)/gy
  let row: (string | null)[] = []
  for (const [, quotedText, plain, end] of text.matchAll(field)) {
    row.push(quotedText?.replaceAll('""', '"') ?? (plain === '' ? null : (plain ?? null)))
    if (end === '\n') {
      rows.push(row)
      row = []
    }
  }
  return rows
}

export const a = column('a')
export const id = column('id', integer)

export const codes = <T>(result: Result<T>): readonly string[] =>
  result.ok ? [] : result.problems.map(({ code }) => code)

type Row = readonly Cell[]

/** An empty warehouse for each test, with a session and helpers. */
export class WarehouseRig {
  scratch = ''
  subject!: WarehouseUnderTest
  session!: Session
  #files = 0

  /** Creates a warehouse with `make` for each test of the calling block. */
  constructor(make: () => Promise<WarehouseUnderTest>) {
    beforeAll(() => {
      this.scratch = mkdtempSync(join(tmpdir(), 'assets-warehouse-'))
    })
    afterAll(() => rmSync(this.scratch, { recursive: true, force: true }))
    beforeEach(async () => {
      this.subject = await make()
      this.session = must(await this.subject.warehouse.open())
    })
    afterEach(async () => {
      await this.session.close()
      await this.subject.remove()
    })
  }

  newFile(ending: string): string {
    return join(this.scratch, `${++this.#files}.${ending}`)
  }

  spool(columns: readonly StreamColumn[], rows: readonly Row[]): Promise<Spool> {
    return writeSpool(this.newFile('parquet'), columns, rows)
  }

  async *spooled(
    columns: readonly StreamColumn[],
    parts: readonly (readonly Row[])[],
  ): AsyncGenerator<Spool> {
    for (const rows of parts) yield await this.spool(columns, rows)
  }

  /** Each part is a spool of rows. A row may have its changes as an additional cell. */
  loading(columns: readonly StreamColumn[], parts: readonly (readonly Row[])[]): TableLoad {
    return {
      relation: 'raw.thing',
      columns,
      spools: this.spooled(columns, parts),
      mode: { how: 'replace' },
      extractedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      syncId: 7,
      generationId: 3,
      volatile: [],
    }
  }

  async load(
    columns: readonly StreamColumn[],
    rows: readonly Row[],
    more: Partial<TableLoad> = {},
  ): Promise<Loaded> {
    const load = { ...this.loading(columns, [rows]), ...more }
    const { subject } = this
    return subject.fill === undefined
      ? must(await this.session.loader!.load(load))
      : subject.fill(load)
  }

  async read(
    columns: readonly string[] | null,
    orderBy: readonly string[] = [],
    relation = 'raw.thing',
  ): Promise<(string | null)[][]> {
    const file = this.newFile('csv')
    const from = { relation }
    must(await this.session.export({ from, columns, orderBy, format: 'csv', file }))
    return parseCsv(readFileSync(file, 'utf8')).slice(1)
  }

  async print(volatile: readonly string[] = []): Promise<Fingerprint> {
    return must(await this.session.fingerprint('raw.thing', { volatile }))
  }

  async execute(sql: string): Promise<void> {
    await this.session.close()
    await this.subject.execute(sql)
    this.session = must(await this.subject.warehouse.open())
  }
}
