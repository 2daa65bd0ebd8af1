/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is generated from these. */
export const problemCodes = {
  cancelled:
    'The run was interrupted while it opened or read a source. Run the same command again.',
  'column-clash':
    "Two columns of a stream have the same name in the warehouse, which ignores case and reserves Airbyte's metadata columns. Leave one out with `exclude`.",
  'disk-full':
    'The disk of the `.assets` folder is full. Free disk space, then run the same command again.',
  'embedded-init-failed':
    'An SQL file that creates the embedded source failed. Fix the file at the reported position.',
  'embedded-init-missing':
    'An embedded source declares no SQL files. Add `embedded.init`, or set `url` to a server.',
  'embedded-init-unreadable':
    'An SQL file of `embedded.init` cannot be read. Correct its path or its permissions.',
  'inexact-key':
    "The warehouse can't tell two values of a column of `primary_key` apart. Remove it from `primary_key`, or set `sync: full_refresh`.",
  'missing-cursor-column': 'The source has no column with the name in `cursor`. Correct `cursor`.',
  'missing-key-column':
    'A column of `primary_key` is not in the source, or is not loaded. Correct `primary_key`, `columns` or `exclude`.',
  'no-columns': 'The stream has no column to load. Remove columns from `exclude`.',
  'rows-lost':
    'The warehouse loaded another number of rows than was read from the source. Run the load again with `--full-refresh`, and report a bug if rows are lost again.',
  'source-changed':
    'The table was altered, truncated or dropped in the source while it was read. Run the same command again.',
  'source-connection-lost':
    'The connection to the source was lost while a stream was read. Run the same command again.',
  'source-database-missing':
    "The server has no database with this name. Correct the end of the connection's `url`.",
  'source-failed':
    'The embedded source could not be opened. `assets source reset` creates it again; changes to its rows are lost.',
  'source-locked':
    'Another process has the embedded source open. Wait for it or end it, then run the same command again.',
  'source-lost':
    'The data of the embedded source is gone, but what it was created from is noted beside it. Restore its folder, or create it again with `assets source reset`; rows that were written to it are lost.',
  'source-not-answering':
    "A query of the source's catalog or row versions failed. The detail is PostgreSQL's own message. Run the same command again.",
  'source-permission-denied':
    'The user of the source may not read the table. Grant usage on its schema and select on the table.',
  'source-pg-hba':
    "The server's `pg_hba.conf` does not admit this host, user and database. Have a line added to it, or connect from a host that it admits.",
  'source-pooler':
    "A pooler before the source can't pass on what a load needs: it pools statements, refuses a start-up parameter, or leads to several servers. Use transaction or session pooling, set `sessions: 1`, or connect to the server itself.",
  'source-read-failed':
    "Reading a stream failed. The detail is PostgreSQL's own message. Fix its cause, then run the same command again.",
  'source-refused':
    "The source rejected the login. Check user and password in the connection's `url`.",
  'source-timeout':
    'A timeout of the server or of a pooler ended a statement or a session, although the load sets the timeouts of the server to 0. The message names the setting. Raise it where it is set.',
  'source-tls':
    "The TLS connection to the source failed, the server offers no TLS, or it demands TLS or a certificate of the client. Check `sslmode`, `sslrootcert`, `sslcert` and `sslkey` in the connection's `url`.",
  'source-unreachable':
    "The source's server could not be reached. Check the host in the connection's `url`, and that the server accepts connections from this machine.",
  'source-unwritable':
    'The folder of the embedded source cannot be written. Make `.assets/source` writable.',
  'sql-failed':
    "PostgreSQL rejected the SQL of `assets source sql`. The message is PostgreSQL's own. Correct the SQL.",
  'unfit-cursor':
    'The values of the `cursor` column have no order, or the server has no `max()` of their type, so no row is known to be the latest. Set `cursor` to another column, or `sync: full_refresh`.',
  'unknown-column': 'A column of `columns` or `exclude` is not in the source. Correct its name.',
  'unknown-stream':
    'The source has no table or view with this name and schema. Correct `stream` or `namespace`.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
