import type { Result } from '../model/problem.ts'
import type { Shape, Version } from '../model/version.ts'

/** One warehouse of one target. Relations are `schema.name`, unquoted, in the case YAML uses. */
export interface Warehouse {
  readonly type: string
  /**
   * What a session needs for itself alone, or null when sessions don't exclude each other. A DuckDB
   * file is one: a single process at a time may have it open.
   */
  readonly resource: string | null
  /**
   * A token that, equal to one taken earlier, proves that nothing in the warehouse changed since;
   * null where there is no such proof. Opens nothing.
   */
  changeToken(): Promise<string | null>
  /** A session of our own, whose statements `signal` interrupts, or else the run's. Problems: unreachable, locked by another process (with its pid), wrong format. */
  open(signal?: AbortSignal): Promise<Result<Session>>
  /**
   * Lets another process (dbt) have the warehouse while `use` runs: our own sessions are closed
   * before, and `reader` answers over the SQL that the borrower runs for us.
   */
  lend<T>(use: (loan: Loan) => Promise<T>): Promise<Result<T>>
}

/** What a borrower needs to know to connect by itself. */
export interface Loan {
  /** Name of the output in dbt's profile. */
  readonly profile: string
  /** Environment variables that the profile reads. May hold secrets. */
  readonly env: Readonly<Record<string, string>>
  /** A reader over the borrower's connection: `run` executes one statement there and gives its rows. */
  reader(run: RunSql): Reader
  readonly scratch: Scratch
}

/** One statement in somebody's session, and the rows it gave. */
export type RunSql = (sql: string) => Promise<readonly (readonly unknown[])[]>

/**
 * Two empty rooms, in which the borrower may build the same thing twice under its own name. They are gone
 * when the loan ends, and after a kill as soon as the warehouse is opened or lent again.
 */
export interface Scratch {
  readonly schemas: readonly [ScratchSchema, ScratchSchema]
  /**
   * Makes room for relations; gives statements for the borrower to run itself before anything else, once
   * or twice. Problems: the rights that this takes are missing.
   */
  prepare(relations: readonly string[]): Promise<Result<readonly string[]>>
}

/** Where a relation `schema.name` of the warehouse is built apart: `<database>.<prefix><schema>.name`. */
export interface ScratchSchema {
  /** Null: the database of all relations. */
  readonly database: string | null
  readonly prefix: string
  /** Reads what was built here of relations, called as they are in the warehouse itself. */
  reader(run: RunSql): Pick<Reader, 'fingerprint' | 'digests'>
}

/** What is at a relation now. `columns` are in order, types as the warehouse spells them. */
export interface Inspected {
  readonly kind: 'table' | 'view'
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly shape: Shape
  /** Hash of a view's definition as the warehouse shows it. */
  readonly installed: string | null
  /**
   * What moves with every write to the table, where the warehouse tells that without reading it: equal
   * ones prove that it was not written to.
   */
  readonly token?: string
}

/** Rows of a raw table, and those that one load wrote: whose `_airbyte_meta.sync_id` is its number. */
export interface SyncRowCounts {
  readonly rows: number
  readonly ofSync: number
}

/** Content of a relation (SEMANTICS 2): equal versions of one scheme mean equal content. */
export interface Fingerprint {
  readonly version: Version
  readonly shape: Shape
  readonly rows: number
  readonly bytes: number | null
  /**
   * What moves with every write to the table, where it was asked for: equal ones prove that it was not
   * written to. Null where the warehouse has none.
   */
  readonly token: string | null
}

export interface FingerprintOptions {
  /** Columns that are no content. */
  readonly volatile: readonly string[]
  /** Also tells whether anybody wrote there. */
  readonly token?: true
  /** Hashes the content whatever its size, to be compared with that of another. */
  readonly content?: true
  /** The version that it had: a table whose size is near a threshold goes on being looked at that way. */
  readonly before?: Version | null
}

/** One column of a relation, to be compared with that of another. */
export interface ColumnDigest {
  readonly name: string
  readonly type: string
  /** Hash of its values, whatever the order of rows. */
  readonly alone: string
  /** Hash of the rows without it. */
  readonly without: string
}

export interface Reader {
  /** Only relations that exist are in the map. One round trip a schema. */
  inspect(relations: readonly string[]): Promise<ReadonlyMap<string, Inspected>>
  /** Problems: the relation is gone; a view that fails (it names a column that is no more). */
  fingerprint(relation: string, options: FingerprintOptions): Promise<Result<Fingerprint>>
  /** The columns that count as content, for telling which of them differ. Problems as above. */
  digests(
    relation: string,
    options: { readonly volatile: readonly string[] },
  ): Promise<Result<readonly ColumnDigest[]>>
}

export interface Session extends Reader {
  /** Problems: the relation is gone, or has no `_airbyte_meta`. */
  countSyncRows(relation: string, syncId: number): Promise<Result<SyncRowCounts>>
  /** Writes a query's rows to a file that doesn't exist yet. */
  export(request: ExportRequest): Promise<Result<{ readonly rows: number }>>
  /** Null for a warehouse whose raw tables only a service (Airbyte) writes. */
  readonly loader: TableLoader | null
  close(): Promise<void>
}

/** Writes raw tables. */
export interface TableLoader {
  /** Replaces or extends one table from spooled rows in one transaction; readers never see half of it. */
  load(load: TableLoad): Promise<Result<Loaded>>
}

/** Airbyte's types, which every warehouse maps to its own (DESIGN 8, table shape). */
export type StreamType =
  | { readonly type: 'integer'; readonly bits: 64 | 128 }
  | { readonly type: 'number' }
  | { readonly type: 'string' }
  | { readonly type: 'boolean' }
  | { readonly type: 'date' }
  | { readonly type: 'time' }
  | { readonly type: 'timetz' }
  | { readonly type: 'timestamp' }
  | { readonly type: 'timestamptz' }
  | { readonly type: 'array' }
  | { readonly type: 'object' }

export interface StreamColumn {
  readonly name: string
  readonly type: StreamType
}

/** A file of rows. */
export interface Spool {
  /** Absolute. */
  readonly path: string
  /** No row group has more bytes than this. */
  readonly largest: number
}

/**
 * Rows for one raw table. A spool is a Parquet file whose columns are `columns` in order, whatever
 * they are called there, each of a type that holds just the values of the column's own: integers
 * INT32 or INT64, those of 128 bits DECIMAL(38, 0), numbers DOUBLE, moments in microseconds, and text
 * for timetz, array and object (as JSON). A last column follows: text, a JSON array of
 * `{field, change, reason}` for values that had to become null, which goes into
 * `_airbyte_meta.changes`; null for none.
 * `replace` swaps the whole table; `append` adds; `merge` keeps the newest row for each key, the
 * newest being the one just loaded.
 */
export interface TableLoad {
  readonly relation: string
  readonly columns: readonly StreamColumn[]
  /**
   * Read in order; may be read while a later one is still being written. A spool is removed once
   * the next one is asked for.
   */
  readonly spools: AsyncIterable<Spool>
  readonly mode:
    | { readonly how: 'replace' }
    | { readonly how: 'append' }
    | { readonly how: 'merge'; readonly key: readonly string[] }
  /** Milliseconds since the epoch: `_airbyte_extracted_at`. */
  readonly extractedAt: number
  /** `_airbyte_meta.sync_id`. */
  readonly syncId: number
  readonly generationId: number
  /** Columns that are no content, whatever they hold. */
  readonly volatile: readonly string[]
}

export interface Loaded {
  /** Rows read from the spools. */
  readonly loaded: number
  readonly fingerprint: Fingerprint
}

export interface ExportRequest {
  /** A relation or a query, never both. */
  readonly from: { readonly relation: string } | { readonly query: string }
  /** Columns to write, in order; null for all. */
  readonly columns: readonly string[] | null
  /** Column names with an optional ` desc`. */
  readonly orderBy: readonly string[]
  readonly format: 'csv' | 'parquet'
  /** Absolute path. */
  readonly file: string
  /** Whose work it is, for the warehouse's own history: `42/extract_revenue`. */
  readonly tag?: string
}
