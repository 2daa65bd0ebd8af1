import { isHash, putHash } from '../lib/hash.ts'
import { NameTable } from '../lib/name-table.ts'
import type { RecordTable } from '../model/columns.ts'
import type { Materialization } from '../model/record.ts'

/** Builds the record table of records, in their order. */
export function buildRecordTable(records: readonly Materialization[]): RecordTable {
  const names = NameTable.of(records.map(({ asset }) => asset))
  const words = new Int32Array(records.length * 4)
  const plain = new Uint8Array(records.length)
  const starts = new Int32Array(records.length + 1)
  const targets: number[] = []
  let newest = 0
  for (const [row, record] of records.entries()) {
    const { codeVersion, dataVersion, inputs, finishedAt } = record
    newest = Math.max(newest, finishedAt)
    const rows = inputs.map((input) => names.find(input.name))
    const isPlain =
      dataVersion !== null &&
      isHash(codeVersion) &&
      rows.every((at, k) => at >= 0 && isAsRecorded(inputs[k]!.version, records[at]!))
    if (isPlain) {
      plain[row] = 1
      putHash(words, row, codeVersion)
      targets.push(...rows)
    }
    starts[row + 1] = targets.length
  }
  const inputs = { starts, targets: Int32Array.from(targets) }
  return { names, words, inputs, plain, newest, replaced: new Set() }
}

function isAsRecorded(seen: string | null, { dataVersion }: Materialization): boolean {
  return seen !== null && seen === dataVersion
}
