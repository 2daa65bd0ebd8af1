/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is generated from these. */
export const problemCodes = {
  'airbyte-connection-inactive':
    'The connection is not active in Airbyte, so it runs no sync. Enable it in Airbyte.',
  'airbyte-connection-unknown':
    'Airbyte has no connection with this `connection_id`. Copy the id from the address of the connection in Airbyte.',
  'airbyte-deadline':
    "The Airbyte job did not finish within the connection's `timeout`. The job keeps running. Run the same command again to wait for it, or raise `timeout`.",
  'airbyte-denied':
    'Airbyte rejected the login of the connection. Check its credentials, and that they may run jobs in the workspace.',
  'airbyte-needs-refresh':
    'The table needs a full load, but a sync of an incremental stream loads only new rows. Refresh the stream in Airbyte, then run the same command again.',
  'airbyte-not-answering':
    "Airbyte gave no valid response for about a minute. Check that it runs and that the connection's `url` is its API.",
  'airbyte-nothing-ran':
    'The Airbyte job succeeded without running any stream. Open the job in Airbyte, and check that streams are enabled.',
  'airbyte-outcome-unknown':
    'The Airbyte job succeeded, but nothing shows that it loaded this stream. Check that the stream is enabled in the connection.',
  'airbyte-refused':
    "Airbyte rejected a request. The detail is Airbyte's own message. Open the connection in Airbyte.",
  'airbyte-stream-failed':
    'The Airbyte job did not load this stream completely. Open the job in Airbyte, then run the same command again.',
  'airbyte-sync-cancelled':
    'The Airbyte job was cancelled outside assets. Run the same command again.',
  'airbyte-sync-failed':
    'The Airbyte job failed. Open the job in Airbyte, then run the same command again.',
  'airbyte-sync-not-started':
    'Airbyte started no sync, after several requests. Open the connection in Airbyte, then run the same command again.',
  'airbyte-sync-refused':
    "Airbyte refused to start a sync. The detail is Airbyte's own message. Open the connection in Airbyte.",
  'airbyte-without-applications':
    'This Airbyte does not support `client_id` and `client_secret`. Check the `url`, or use `username` and `password`.',
  'cursor-differs':
    "The asset's `cursor` is another column than in Airbyte. Set both to the same column.",
  'invalid-connection':
    'A setting of an Airbyte connection is invalid: its `url`, or an incomplete or ambiguous login. Correct it in the YAML.',
  'primary-key-differs':
    "The asset's `primary_key` has other columns than in Airbyte. Set both to the same columns.",
  'stream-not-selected':
    'The stream is not enabled in the Airbyte connection. Enable it in Airbyte, or correct `stream`.',
  'sync-differs': "The asset's `sync` does not match the sync mode in Airbyte. Change one of them.",
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
