import type { StreamColumn } from '../../../framework/ports/warehouse.ts'
import { runAt } from '../snowflake/account.ts'
import { loadAsAirbyte } from '../snowflake/airbyte-table.ts'
import type { RowChange } from './pgoutput.ts'
import type { Source, SourceRow, SourceTable } from './source.ts'

/** A stream of the Airbyte connection. Only its selected columns are read from the source. */
export interface ReplicatedStream {
  readonly name: string
  readonly columns: readonly string[]
  /** It is read from its beginning, as by the first sync. */
  readonly isWhole: boolean
}

const CAPTURED: readonly StreamColumn[] = [
  { name: '_ab_cdc_lsn', type: { type: 'number' } },
  { name: '_ab_cdc_updated_at', type: { type: 'string' } },
  { name: '_ab_cdc_deleted_at', type: { type: 'string' } },
]

/**
 * Replicates the source to the warehouse as Airbyte does. The first sync copies whole tables, and so does a later one
 * of a stream whose position was forgotten. Other syncs read the changes from the slot and replace rows by key. A deleted row stays in the table, with its key
 * and the time of deletion only.
 */
export class Replication {
  readonly #source: Source
  readonly #account: { readonly url: string; readonly database: string }
  readonly #clock: () => number
  #hasAll = false

  constructor(
    source: Source,
    account: { readonly url: string; readonly database: string },
    clock: () => number,
  ) {
    this.#source = source
    this.#account = account
    this.#clock = clock
  }

  /** Syncs the streams. Returns the number of records of each. */
  async sync(
    streams: readonly ReplicatedStream[],
    job: number,
  ): Promise<Readonly<Record<string, number>>> {
    const { changes, upTo } = await this.#source.changes()
    const records: Record<string, number> = {}
    for (const stream of streams) {
      const table = this.#source.tables.find(({ name }) => name === stream.name)!
      const columns = table.columns.filter(({ name }) => stream.columns.includes(name))
      const onlyChanges = this.#hasAll && !stream.isWhole
      const rows = onlyChanges
        ? await this.#changed(table, columns, changes, upTo)
        : (await this.#source.rows(table, columns)).map((row) => [
            ...row,
            ...this.#captured(upTo, null),
          ])
      records[stream.name] = rows.length
      if (onlyChanges && rows.length === 0) continue
      await this.#write(table, columns, rows, job, onlyChanges ? 'append' : 'replace')
    }
    this.#hasAll = true
    await this.#source.confirm(upTo)
    return records
  }

  async #changed(
    table: SourceTable,
    columns: readonly StreamColumn[],
    changes: readonly RowChange[],
    lsn: string,
  ): Promise<readonly SourceRow[]> {
    const last = new Map<string, RowChange>()
    for (const change of changes) {
      if (change.table === table.name) last.set(JSON.stringify(change.key), change)
    }
    const of = (is: RowChange['is']) => [...last.values()].filter((change) => change.is === is)
    const keys = of('written').map(({ key }) => key)
    const written = keys.length === 0 ? [] : await this.#source.rows(table, columns, keys)
    return [
      ...written.map((row) => [...row, ...this.#captured(lsn, null)]),
      ...of('deleted').map(({ key, at }) => [
        ...columns.map(({ name }) => key[name] ?? null),
        ...this.#captured(lsn, at),
      ]),
    ]
  }

  #captured(lsn: string, deletedAt: number | null): SourceRow {
    const [high = '0', low = '0'] = lsn.split('/')
    const position = Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16)
    const at = (moment: number) => new Date(moment).toISOString()
    return [String(position), at(this.#clock()), deletedAt === null ? null : at(deletedAt)]
  }

  async #write(
    table: SourceTable,
    columns: readonly StreamColumn[],
    rows: readonly SourceRow[],
    job: number,
    how: 'append' | 'replace',
  ): Promise<void> {
    const { url, database } = this.#account
    const relation = `raw.${table.name}`
    if (how === 'append') {
      const at = table.key.map((name) => columns.findIndex((column) => column.name === name))
      const keys = rows.map((row) => `(${at.map((index) => row[index]).join(', ')})`)
      const isSame = `(${table.key.join(', ')}) in (${keys.join(', ')})`
      await runAt(url, database, `delete from ${relation} where ${isSame}`)
    }
    const load = {
      relation,
      columns: [...columns, ...CAPTURED],
      mode: { how },
      extractedAt: this.#clock(),
      syncId: job,
      generationId: 1,
    }
    await loadAsAirbyte(url, database, load, rows)
  }
}
