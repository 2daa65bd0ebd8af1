/** The user's limits; null means DuckDB's default. */
export interface DuckdbLimits {
  readonly threads: number | null
  readonly memoryLimit: string | null
}

/** The properties of a running load that affect DuckDB's global settings. */
export interface ActiveLoad {
  /** True for a merge: the order of rows decides which row of a key is the newest. */
  readonly ordered: boolean
  /** Bytes of the largest row group so far. */
  largest: number
  /** True when the rows are so long that DuckDB stores their texts in separate blocks. */
  wide: boolean
}

/** From this size on DuckDB stores a text in separate blocks, a few of them for each row group. */
export const WIDE_ROW_BYTES = 4096

/** Bytes for a load. With its default (80 % of RAM) DuckDB keeps too many pages and checkpoints slowly. */
const LOADING_MEMORY = 200_000_000
/** Additional bytes for wide rows. With less, the checkpoint after about 200 MB of them crashes. */
const WIDE_MEMORY = 150_000_000
/** Row groups up to this many bytes fit into `LOADING_MEMORY`. */
const DEFAULT_GROUP = 16_000_000
/** Copies of a row group in memory: as it was read, and on the way to the disk. */
const MEMORY_PER_GROUP = 4

/**
 * The statements that set DuckDB's global settings while these loads run. Preserving the row order costs
 * three times the time and memory, so loads turn it off. A single thread preserves the order anyway.
 */
export function settingStatements(
  limits: DuckdbLimits,
  loads: Iterable<ActiveLoad>,
): readonly string[] {
  const active = [...loads]
  const largest = Math.max(0, ...active.map((load) => load.largest))
  const needed =
    LOADING_MEMORY +
    (active.some(({ wide }) => wide) ? WIDE_MEMORY : 0) +
    (largest > DEFAULT_GROUP ? MEMORY_PER_GROUP * largest : 0)
  const memory = limits.memoryLimit ?? (active.length === 0 ? null : `${needed}B`)
  const threads = active.some(({ ordered }) => ordered) ? 1 : limits.threads
  return [
    memory === null ? 'reset memory_limit' : `set memory_limit = '${memory}'`,
    threads === null ? 'reset threads' : `set threads = ${threads}`,
    `set preserve_insertion_order = ${active.length === 0}`,
  ]
}
