/** The problem codes of this room, with meaning and remedy. `PROBLEMS.md` is generated from them. */
export const problemCodes = {
  'disk-full':
    'The PostgreSQL server of the state has no disk space or memory left. Free some, then run the command again.',
  'state-connection-lost':
    'The connection to the state was lost and did not come back. Run the command again when the server responds; recorded results are kept.',
  'state-corrupted':
    'Tables of the state are missing or have unexpected columns, or the server or the checksum of a row finds damage. `assets state check` lists all damage. Restore a backup with `assets state restore`, or drop the schema; then everything is built again, or recorded with `--adopt`.',
  'state-database-missing':
    'The database of the state does not exist. Create it, or correct its name in the `url` of `state:`.',
  'state-in-doubt':
    'The connection was lost during a commit, and the server does not know whether it was committed. Run the command again.',
  'state-locked':
    'Another session has locked the state for 20 seconds. Find it in `pg_stat_activity`, then run the command again.',
  'state-not-permitted':
    'The user of the state lacks privileges on its schema. Grant `usage` and `create` on the schema and ownership of its tables.',
  'state-read-only':
    'The server of the state is read-only. Use the URL of the primary, not of a replica.',
  'state-refused':
    'The server of the state refused the login. Check user and password in the `url`, and `pg_hba.conf` of the server.',
  'state-slow':
    'The server of the state did not finish a statement within 40 seconds. Check its load, then run the command again.',
  'state-tls':
    'The TLS connection to the state failed. Check `sslmode` and `sslrootcert` in the `url`.',
  'state-unreachable':
    "The server of the state can't be reached, or a certificate file of its `url` is missing. Check the host, the firewall and the `url`.",
  'state-url':
    'The `url` of the state is not a PostgreSQL URL. Write `postgres://user:password@host:5432/database`.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
