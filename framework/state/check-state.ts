import { ProblemError } from '../model/problem.ts'
import type { StateDamage, StateTools } from '../ports/state-tools.ts'
import { attempt, type Row, type Transaction } from './database.ts'
import { decodeRecord } from './record-codec.ts'
import { type RecordRow, recordOf } from './record-rows.ts'
import { isSnapshotIntact } from './record-snapshot.ts'
import { type RunRow, stepOf, summary } from './runs.ts'
import { decoded, opened, placeOf } from './sealed-rows.ts'
import {
  type CheckRow,
  checkResultOf,
  entryOf,
  forcedOf,
  type JournalRow,
  leftoverOf,
  observationOf,
  rememberedOf,
} from './snapshot.ts'
import { stateContextOf } from './sql-state.ts'
import { type StateTable, storedColumns, TABLES, type TableName } from './tables.ts'

/** More are not listed: one damaged page can spoil many rows. */
const MOST = 100

/** Decode a row of `storedColumns` as every command does. They throw `state-corrupted`. */
export const DECODERS: Readonly<Record<TableName, (tx: Transaction, row: Row) => unknown>> = {
  runs: (tx, row) => summary(tx, row as unknown as RunRow, null),
  steps: stepOf,
  records: (tx, row) => {
    const { asset } = recordOf(tx, row as unknown as RecordRow)
    if (asset !== row[1]) throw tx.damaged(`${row[1]} in table records`, `it is about ${asset}`)
  },
  past_records: (tx, row) => {
    const body = opened(tx, 'past_records', row).at(-1)!
    return decoded(tx, `${row[1]} in table past_records`, body, decodeRecord)
  },
  checks: (tx, row) => checkResultOf(tx, opened<CheckRow>(tx, 'checks', row)),
  journal: (tx, row) => entryOf(tx, opened<JournalRow>(tx, 'journal', row), null),
  marks: (tx, row) => {
    const [, name, mark] = opened<CheckRow>(tx, 'marks', row)
    return forcedOf(tx, name, mark)
  },
  remembered: rememberedOf,
  observed: (tx, row) => observationOf(tx, String(row[1]), String(opened(tx, 'observed', row)[3])),
  leftovers: (tx, row) => {
    const [, place, body] = opened<CheckRow>(tx, 'leftovers', row)
    return leftoverOf(tx, place, body)
  },
  gates: (tx, row) => opened(tx, 'gates', row),
  durations: (tx, row) => {
    if (typeof row[2] === 'number') return
    throw tx.damaged(`${row[1]} in table durations`, 'it is not a number')
  },
}

/** Queries that find rows which refer to a run that does not exist. The first column names the row. */
const DANGLING = [
  ['steps', `select distinct run from steps where run not in (select id from runs)`],
  ['leases', `select target from leases where run not in (select id from runs)`],
  ['journal', `select name from journal where run > (select coalesce(max(id), 0) from runs)`],
  [
    'records',
    `select name from records where written_by > (select coalesce(max(id), 0) from runs)`,
  ],
] as const

/** As `StateTools.check`. */
export const checkState: StateTools['check'] = (state) => {
  const { database } = stateContextOf(state)
  return attempt(() =>
    database.transaction('read', async (tx) => {
      const damage: StateDamage[] = []
      const rows: Record<string, number> = {}
      const look = async (place: string, work: () => unknown) => {
        try {
          await work()
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error
          for (const { code, message, detail } of error.problems) {
            if (code !== 'state-corrupted') throw error
            damage.push({ place, detail: detail ?? message.replace(/^.*?damaged: /, '') })
          }
        }
      }
      await look('the database', () => tx.verify('whole'))
      for (const table of TABLES) {
        await look(`table ${table.name}`, async () => {
          rows[table.name] = await lookAtRows(tx, table, look)
        })
      }
      for (const [table, query] of DANGLING) {
        await look(`table ${table}`, async () => {
          for (const [name] of await tx.all(query)) {
            damage.push({ place: `${name} in table ${table}`, detail: 'its run does not exist' })
          }
        })
      }
      await look('table sheets', async () => {
        for (const [target] of await tx.all<[string]>('select target from sheets')) {
          if (await isSnapshotIntact(tx, target)) continue
          const detail = 'its checksum is wrong; the next run writes it again'
          damage.push({ place: `${target} in table sheets`, detail })
        }
      })
      return { rows, damage: damage.slice(0, MOST) }
    }),
  )
}

/** Decodes every row of a table. Returns their number. */
async function lookAtRows(
  tx: Transaction,
  table: StateTable,
  look: (place: string, work: () => unknown) => Promise<void>,
): Promise<number> {
  const found = await tx.all(`select ${storedColumns(table).join(', ')} from ${table.name}`)
  for (const row of found) {
    await look(placeOf(table, row), () => DECODERS[table.name](tx, row))
  }
  return found.length
}
