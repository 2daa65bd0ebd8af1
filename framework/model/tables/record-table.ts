import type { Adjacency } from '../../lib/adjacency.ts'
import { isHash } from '../../lib/hash.ts'
import { LazyMap } from '../../lib/lazy-map.ts'
import { NameTable } from '../../lib/name-table.ts'
import type { Materialization } from '../record.ts'
import { CodeVersionTable } from './code-version-table.ts'

/** What a decision compares of records when nothing changed, by row. */
export interface RecordIndex {
  readonly names: NameTable
  /** Set for a row whose `plain` is 1. */
  readonly codes: CodeVersionTable
  /** The rows of each record's inputs, in recorded order; empty for a record that is not plain. */
  readonly inputs: Adjacency
  /**
   * 1 if the data version is known, and each input was recorded at the version that the input's own
   * record has.
   */
  readonly plain: Uint8Array
  /** The finish of the latest record, in milliseconds since the epoch. */
  readonly newest: number
}

/** The index of these records. Row `i` is the record at `i`. */
export function indexRecords(records: readonly Materialization[]): RecordIndex {
  const names = NameTable.of(records.map(({ asset }) => asset))
  const codes = new CodeVersionTable(records.length)
  const plain = new Uint8Array(records.length)
  const starts = new Int32Array(records.length + 1)
  const targets: number[] = []
  let newest = 0
  for (const [row, { codeVersion, dataVersion, inputs, shape, finishedAt }] of records.entries()) {
    newest = Math.max(newest, finishedAt)
    const rows = inputs.map((input) => names.find(input.name))
    const isPlain =
      dataVersion !== null &&
      isHash(codeVersion) &&
      rows.every((at, k) => at >= 0 && isAtRecordedVersion(inputs[k]!.version, records[at]!))
    if (isPlain) {
      plain[row] = 1
      codes.set(row, codeVersion, shape?.relation ?? null)
      targets.push(...rows)
    }
    starts[row + 1] = targets.length
  }
  return { names, codes, inputs: { starts, targets: Int32Array.from(targets) }, plain, newest }
}

function isAtRecordedVersion(seen: string | null, { dataVersion }: Materialization): boolean {
  return seen !== null && seen === dataVersion
}

/** The records of a target: by name, and as an index of typed arrays for comparing them all at once. */
export class RecordTable extends LazyMap<Materialization> {
  #index: RecordIndex | null
  /** Outdated rows of the index: their assets have newer records. */
  readonly replaced: ReadonlySet<number>
  readonly #newest: number

  /**
   * `index` may be older than the records: `replaced` are its outdated rows, `newest` is the finish of
   * the latest record. Without an index, one is made on first use.
   */
  constructor(
    size: number,
    names: () => Iterable<string>,
    find: (name: string) => Materialization | undefined,
    index: RecordIndex | null = null,
    replaced: ReadonlySet<number> = new Set(),
    newest = index?.newest ?? 0,
  ) {
    super(size, names, find)
    this.#index = index
    this.replaced = replaced
    this.#newest = newest
  }

  static from(records: ReadonlyMap<string, Materialization>): RecordTable {
    return new RecordTable(
      records.size,
      () => records.keys(),
      (name) => records.get(name),
    )
  }

  get index(): RecordIndex {
    this.#index ??= indexRecords([...this.values()])
    return this.#index
  }

  /** The finish of the latest record, in milliseconds since the epoch; 0 without records. */
  get newest(): number {
    return Math.max(this.#newest, this.index.newest)
  }
}
