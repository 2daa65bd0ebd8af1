/** The problem codes of this room, with meaning and remedy. `PROBLEMS.md` is generated from them. */
export const problemCodes = {
  cancelled: 'The run was cancelled while Snowflake worked on a statement. Run the command again.',
  'column-collision':
    'An extract has two columns with one name. Rename one of them with `as` in the query.',
  'disk-full':
    'The local disk is full: the rows of an extract do not fit. Free some space and run the command again.',
  'drop-failed':
    'A table or view that a moved asset left at its old relation could not be dropped: the role must own it. The detail shows the error of Snowflake.',
  'export-failed':
    'The relation or the query of an extract could not be read. Correct the query; the detail shows the error of Snowflake.',
  'relation-unreadable':
    'A relation was deleted, the role may not read it, or a view uses a column that no longer exists. Build it again or grant the privilege.',
  'scratch-refused':
    'Snowflake refused to create scratch schemas for `verify`. Grant `create schema` on the database to the role.',
  'unknown-column':
    'An extract writes or orders by a column that does not exist. Correct the name; the hint lists the columns.',
  'warehouse-connection':
    'The `connection` could not be read from `connections.toml`. Correct the name or the file, or replace `connection` by the settings themselves.',
  'warehouse-failed':
    'Snowflake reported an error that `assets` does not recognize. The detail shows it.',
  'warehouse-key-invalid':
    'The private key is not a text in PEM format. The message names the variable, the secret or the setting that it comes from. Set it to the whole text of the key file.',
  'warehouse-key-missing':
    'The file of the private key does not exist. Correct `private_key_path`.',
  'warehouse-login':
    'Snowflake refused the login. Check user, role, secret and network policy; the detail shows the error of Snowflake.',
  'warehouse-login-contradiction':
    'Two settings for logging in exclude each other. Remove one of them.',
  'warehouse-login-missing':
    'No key, token or password is set. Set `private_key_path`, `private_key`, `token` or `password`.',
  'warehouse-none-active':
    'No virtual warehouse is active. Set `warehouse` to one that the role may use.',
  'warehouse-passcode':
    'dbt does not support a passcode. Use a key pair or a programmatic access token.',
  'warehouse-settings':
    'A required setting is missing. Set it, or name a `connection` of `connections.toml` that has it.',
  'warehouse-timeout':
    'A login or a statement exceeded its timeout. Check the virtual warehouse, or raise `login_timeout` or `statement_timeout`.',
  'warehouse-unreachable':
    "Snowflake can't be reached. Check the account, the network and Snowflake's status page, then run the command again.",
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
