import type { Json } from '../lib/json.ts'
import type { Pointer } from '../model/location.ts'
import type { Result } from '../model/problem.ts'
import type { AdapterSettings } from '../model/project.ts'
import type { Shape, Version } from '../model/version.ts'

/**
 * The warehouse of a target. Relations are `schema.name` in its own database, else `database.schema.name`, as
 * `relationParts` splits them, in the case that YAML uses.
 */
export interface Warehouse {
  readonly type: string
  /**
   * The resource that only one process at a time can use, such as a DuckDB file; null if several
   * processes can have sessions.
   */
  readonly resource: string | null
  /** Where dbt must build. */
  readonly dbt: DbtPlace
  /**
   * The change token of the whole warehouse: while it is equal, nothing in the warehouse changed. null
   * if the warehouse has none. Does not open a session.
   */
  changeToken(): Promise<string | null>
  /**
   * Why sessions can't look at a relation of another database, for people; null if they can, as far as is known
   * by now: opening a session, or inspecting the relation, can tell more. Opens nothing.
   */
  whyUnseen(relation: string): string | null
  /**
   * Opens a session. `signal` interrupts its statements; by default, the signal of the command.
   * Problems: unreachable, locked by another process (with its pid), wrong format.
   */
  open(signal?: AbortSignal): Promise<Result<Session>>
  /**
   * Lends the warehouse to another process (dbt) while `use` runs. Closes our sessions first. `reader`
   * of the loan reads with SQL that the borrower runs for us.
   */
  lend<T>(use: (loan: Loan) => Promise<T>): Promise<Result<T>>
}

/** What dbt's profile must say, so that dbt builds in this warehouse. Holds no secret. */
export interface DbtPlace {
  /** The variables that say where; a loan sets them too. */
  readonly env: Readonly<Record<string, string>>
  /** Keys of the output with their values: `type` first. A `path` is absolute; case does not count in others. */
  readonly keys: Readonly<Record<string, string>>
}

/** The output of dbt's profile that dbt builds with. It says where the warehouse of a target is. */
export interface DbtOutput {
  /** dbt's type: `duckdb`, `snowflake`. */
  readonly type: string
  /** The types of all outputs of the profile, by their names; null for one that can't be worked out. */
  readonly types: Readonly<Record<string, string | null>>
  /** For messages: `output dev of dbt profile shop`. */
  readonly name: string
  readonly at: Pointer
  /**
   * Its keys as dbt resolves them. If `secrets` names a key that holds a secret, dbt is asked for the secret
   * ones, which are not stored. Problem `dbt-profile`; those of dbt's Python environment.
   */
  keys(secrets: readonly string[]): Promise<Result<DbtKeys>>
}

/** Keys of an output of dbt's profile. Paths of files are absolute; other paths lack their parameters. */
export interface DbtKeys {
  readonly shown: Readonly<Record<string, Json>>
  /** Empty unless they were asked for. */
  readonly secret: Readonly<Record<string, string>>
}

/** How an adapter takes its settings from an output of dbt's profile. */
export interface FromDbt {
  /** The keys that it needs although they may hold a secret. */
  readonly secrets: readonly string[]
  /** The settings of the adapter. Problem `warehouse-settings`: it can't connect as dbt does. */
  settings(keys: DbtKeys, output: Pick<DbtOutput, 'name' | 'at'>): Result<AdapterSettings>
}

/** What a borrower needs to connect. */
export interface Loan {
  /** Environment variables that a profile can read to lead here. May hold secrets. */
  readonly env: Readonly<Record<string, string>>
  /** A reader over the borrower's connection: `run` executes one statement there and gives its rows. */
  reader(run: RunSql): Reader
  readonly scratch: Scratch
}

/** Runs one statement in a session and returns its rows. */
export type RunSql = (sql: string) => Promise<readonly (readonly unknown[])[]>

/**
 * Two sets of empty scratch schemas, so that the borrower can build a relation twice under its own name.
 * They are deleted when the loan ends, or after a kill when the warehouse is opened or lent again.
 */
export interface Scratch {
  readonly schemas: readonly [ScratchSchema, ScratchSchema]
  /**
   * Creates the scratch schemas for relations. Returns statements that the borrower must run first;
   * running them twice is safe. Problems: missing privileges.
   */
  prepare(relations: readonly string[]): Promise<Result<readonly string[]>>
}

/** Where `verify` builds a relation `schema.name`: at `<database>.<prefix><schema>.name`. */
export interface ScratchSchema {
  /** null: the database of the target. */
  readonly database: string | null
  readonly prefix: string
  /** Where files of relations are written; null if the warehouse shows no files. Absolute. */
  readonly folder: string | null
  /** Reads what was built here. Takes the relations' names in the target. */
  reader(run: RunSql): Pick<Reader, 'fingerprint' | 'digests'>
}

/** What creates a view: the whole statement, which names the view, and the query in it. */
export interface ViewStatement {
  readonly statement: string
  readonly query: string
}

/** Whether a view has the definition and the columns that it would be created with; `installed` as in `Inspected`. */
export interface ViewComparison {
  readonly is: 'same' | 'other'
  readonly installed: string
}

/** What is at a relation now. `columns` are in order, types as the warehouse spells them. */
export interface Inspected {
  readonly kind: 'table' | 'view'
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly shape: Shape
  /** Hash of a view's definition as the warehouse shows it. */
  readonly installed: string | null
  /**
   * The table's change token, if the warehouse reports it without reading the table. Equal tokens prove
   * that the table was not written to.
   */
  readonly token?: string
}

/** Counts of all rows of a raw table, and of the rows of one load: those with its `_airbyte_meta.sync_id`. */
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
   * The table's change token, if requested: equal tokens prove that the table was not written to. null
   * if the warehouse has none.
   */
  readonly token: string | null
}

export interface FingerprintOptions {
  /** Columns that do not count as content. */
  readonly volatile: readonly string[]
  /** Also returns the change token. */
  readonly token?: true
  /** Hashes the content of a table of any size, to compare it with another one. */
  readonly content?: true
  /** The previous version. A table with a size near the threshold keeps the mode of this version. */
  readonly before?: Version | null
}

/** One column of a relation, to compare it with that of another relation. */
export interface ColumnDigest {
  readonly name: string
  readonly type: string
  /** Hash of its values, independent of the order of rows. */
  readonly alone: string
  /** Hash of the rows without this column. */
  readonly without: string
}

export interface Reader {
  /** Only relations that exist are in the map. One round trip for each schema. */
  inspect(relations: readonly string[]): Promise<ReadonlyMap<string, Inspected>>
  /** Problems: the relation does not exist; a view fails, for example because a column was dropped. */
  fingerprint(relation: string, options: FingerprintOptions): Promise<Result<Fingerprint>>
  /** Hashes of the columns that count as content, to find those that differ. Same problems. */
  digests(
    relation: string,
    options: { readonly volatile: readonly string[] },
  ): Promise<Result<readonly ColumnDigest[]>>
}

export interface Session extends Reader {
  /** Problems: the relation does not exist, or has no `_airbyte_meta`. */
  countSyncRows(relation: string, syncId: number): Promise<Result<SyncRowCounts>>
  /** Writes a query's rows to a file that doesn't exist yet. */
  export(request: ExportRequest): Promise<Result<{ readonly rows: number }>>
  /**
   * Compares views that exist with what statements would create now, by relation. A statement that fails, and a
   * view that can't be compared, is not in the map. Changes nothing.
   */
  compareViews(
    wanted: ReadonlyMap<string, ViewStatement>,
  ): Promise<ReadonlyMap<string, ViewComparison>>
  /**
   * The views whose text names a relation, by relation, as `schema.name`. A view whose text the warehouse
   * does not show may read anything, so it is in every list. A view is not in its own list.
   */
  viewsOver(relations: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>
  /**
   * Drops a table or a view; nothing happens if it does not exist. Problem `drop-failed`: the warehouse
   * refuses it.
   */
  drop(relation: string, kind: Inspected['kind']): Promise<Result<void>>
  /** null for a warehouse whose raw tables only a service (Airbyte) writes. */
  readonly loader: TableLoader | null
  close(): Promise<void>
}

/** Writes raw tables. */
export interface TableLoader {
  /** Replaces or extends one table from spooled rows in one transaction. */
  load(load: TableLoad): Promise<Result<Loaded>>
}

/** The column types of Airbyte, which every warehouse maps to its own. */
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
  /** The bytes of the largest row group. */
  readonly largest: number
}

/**
 * Rows for one raw table. A spool is a Parquet file with the columns of `columns`, in order; the names
 * in the file do not matter. Types: integers are INT32 or INT64, integers of 128 bits DECIMAL(38, 0),
 * numbers DOUBLE, times in microseconds; timetz, array and object are text (JSON). One more text column
 * follows: null, or a JSON array of `{field, change, reason}` for values that lost information. It goes into
 * `_airbyte_meta.changes`. For a column of a merge's key an entry also has `exact: {column: text}`. Keys are the
 * same if their columns and these texts are equal; a null equals another null.
 * `replace` replaces the whole table, `append` adds rows, `merge` replaces rows with the same key.
 */
export interface TableLoad {
  readonly relation: string
  readonly columns: readonly StreamColumn[]
  /**
   * In the order of loading. The next spool may still be written while one is read. A spool is deleted
   * when the next one is requested.
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
  /** Columns that do not count as content. */
  readonly volatile: readonly string[]
  /** Called when the load goes on to another stage, and from time to time within one. */
  readonly onStage?: (stage: LoadStage) => void
}

/** What a load does at the moment, in the order in which it does it. */
export type LoadStage =
  /** It writes spools beside the table. `rows`: those of the spools before the present one. */
  | { readonly is: 'inserting'; readonly rows: number }
  /** All rows are there and become part of the table. `share`: from 0 to 1; null if it is not known. */
  | { readonly is: 'merging'; readonly rows: number; readonly share: number | null }
  /** The warehouse writes what it holds in memory. */
  | { readonly is: 'storing'; readonly rows: number }
  /** It makes the version of the content. */
  | { readonly is: 'hashing'; readonly rows: number | null; readonly share: number | null }

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
  /** Values of types that few programs read are written as others: large integers as decimals, lists as text. */
  readonly plain?: true
  /** Absolute path. */
  readonly file: string
  /** Run and asset, for the warehouse's query history: `42/extract_revenue`. */
  readonly tag?: string
  /** Called from time to time with how much is done, from 0 to 1, if the warehouse says it. */
  readonly onShare?: (share: number) => void
}
