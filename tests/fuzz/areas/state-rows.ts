import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../../framework/lib/json.ts'
import { ProblemError } from '../../../framework/model/problem.ts'
import { DECODERS } from '../../../framework/state/check-state.ts'
import type { Row, Transaction, Value } from '../../../framework/state/database.ts'
import { encodeRecord } from '../../../framework/state/record-codec.ts'
import { sealOf } from '../../../framework/state/sealed-rows.ts'
import { storedColumns, type TableName, tableOf } from '../../../framework/state/tables.ts'
import { checked, record, START, step } from '../../contract/suites/state.ts'
import type { Area } from '../area.ts'
import { mutateJson, mutateText } from '../mutate.ts'

const BODIES = {
  record: encodeRecord(record('a')),
  check: JSON.stringify(checked('unique')),
  step: JSON.stringify(step('a')),
  observation: JSON.stringify({ at: START, version: null, shape: null, token: 't', present: true }),
  counts: JSON.stringify({ built: 2, failed: 1 }),
}

/** The columns of a row of each table, without a checksum. */
const ROWS: Readonly<Record<TableName, Row>> = {
  runs: [1, 'local', 'materialize', null, START, START + 1, 'succeeded', BODIES.counts, null],
  steps: [1, 'a', START, 'built', BODIES.step],
  records: ['local', 'a', 1, 'c:s/1:a', BODIES.record],
  past_records: ['local', 'a', 'c:s/1:b', BODIES.record],
  checks: ['local', 'unique', BODIES.check],
  journal: ['local', 'b', 1, START, 'failed', 'a message', '{"job":9}'],
  marks: ['local', 'b', 'forced'],
  remembered: ['local', 'v', '[["k","c:s/1:v"]]'],
  observed: ['local', 'e', START, BODIES.observation],
  leftovers: ['local', 'main.a', `{"asset":"a","is":"relation","place":"main.a","run":1}`],
  gates: ['local', 'warehouse', 'g'],
  durations: ['local', 'a', 1.5],
}
const TABLE_NAMES = Object.keys(ROWS) as TableName[]
const TEXTS = Object.values(ROWS).flatMap((row) => row.filter((value) => typeof value === 'string'))

const WORDS = [
  ...['null', '[]', '{}', '""', '0', '1e999', '-', ',', '"', 'begun', 'failed'],
  'c:s/',
]

/** A damaged row: its table, its columns, and whether its checksum is that of the damaged columns. */
interface Damaged {
  readonly table: TableName
  readonly row: Row
  readonly isSealedAgain: boolean
}

/**
 * Rows of the state in which something changed. A row with a checksum is read only as it was written. What can
 * be read of a row that another program gave a checksum is not defined, but it is no crash.
 */
export const stateRows: Area = {
  name: 'state-rows',
  input: (random) => {
    const table = random.pick(TABLE_NAMES)!
    const row = [...ROWS[table]]
    const at = random.below(row.length)
    const value = row[at] as string | number | null
    row[at] =
      typeof value === 'string' && random.chance(0.5)
        ? mutateText(random, [value, ...TEXTS], WORDS)
        : typeof value === 'string'
          ? mutated(value, (json) => mutateJson(random, json))
          : random.pick<Value>([null, 0, -1, 1.5, 2 ** 53, 'x', value])!
    return JSON.stringify({ table, row, isSealedAgain: random.chance(0.5) } satisfies Damaged)
  },
  read: async (input) => {
    const damaged = parsed(input)
    if (damaged === null) return
    const { table, row, isSealedAgain } = damaged
    const { sealed } = tableOf(table)
    const seal = sealOf(table, isSealedAgain ? row : ROWS[table])
    await DECODERS[table](TRANSACTION, sealed ? [...row, seal] : row)
    if (sealed && !isSealedAgain && !isDeepStrictEqual(row, ROWS[table])) {
      throw new Error('a damaged row was read')
    }
  },
}

/** A text of JSON with other values in it; a text that is not JSON as it is. */
function mutated(text: string, change: (json: Json) => Json): string {
  try {
    return JSON.stringify(change(JSON.parse(text)))
  } catch {
    return text
  }
}

/** The row in an input; null if the database could not hold it. */
function parsed(input: string): Damaged | null {
  try {
    const { table, row, isSealedAgain } = JSON.parse(input) as Damaged
    const columns = storedColumns(tableOf(table)).filter((column) => column !== 'seal')
    return row.length === columns.length ? { table, row, isSealedAgain } : null
  } catch {
    return null
  }
}

/** Nothing but what decoding uses. */
const TRANSACTION = {
  damaged: (place: string, detail: string) =>
    new ProblemError({ code: 'state-corrupted', message: `${place}: ${detail}` }),
  all: async () => [],
} as unknown as Transaction
