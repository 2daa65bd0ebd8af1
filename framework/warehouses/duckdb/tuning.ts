/** What the user allows DuckDB; null for DuckDB's own default. */
export interface Limits {
  readonly threads: number | null
  readonly memoryLimit: string | null
}

/** A load that runs now, as far as DuckDB's global settings care. */
export interface Loading {
  /** The order of rows in the spools decides which of two rows with one key is newer. */
  readonly ordered: boolean
  /** Bytes of the largest row group it has met. */
  largest: number
  /** Its rows are so long that their values lie outside the columns' blocks. */
  wide: boolean
}

/** From here on DuckDB keeps a text in blocks of its own, a few of them for each row group. */
export const WIDE_ROW = 4096

/** Enough for loading; with its default (80 % of RAM) DuckDB hoards pages and checkpoints slowly. */
const LOADING_MEMORY = 200_000_000
/** What wide rows need besides: with less the checkpoint after some 200 MB of them is fatal. */
const WIDE_MEMORY = 150_000_000
/** Row groups up to this many bytes fit into that. */
const DEFAULT_GROUP = 16_000_000
/** A row group as it was read, and its copies on the way to the disk. */
const MEMORY_PER_GROUP = 4

/**
 * DuckDB's global settings while these loads run. Row order costs three times the time and memory,
 * so it is given up while loading; one thread alone keeps it at a lower price.
 */
export function settingsFor(limits: Limits, loads: Iterable<Loading>): readonly string[] {
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
