import type { Readable } from 'node:stream'
import type { Connection, ConnectionOptions, DataType, RowStatement } from 'snowflake-sdk'
import { quietAwsSdk } from '../../lib/aws-sdk.ts'
import type { Login } from './login.ts'
import type { Settings } from './settings.ts'

/** A column of a result: Snowflake's short name of its type, such as `fixed` or `timestamp_ntz`. */
export interface ResultColumn {
  readonly name: string
  readonly type: string
  readonly precision: number
  readonly scale: number
}

/** One statement on its way. */
export interface Statement {
  readonly columns: readonly ResultColumn[]
  /** Rows as arrays; numbers and JSON are text, null is null. */
  rows(): Readable
}

/** A session with the service, as the driver has it. */
export interface Link {
  /** Whether the driver still takes statements; a session that the service forgot takes none. */
  isUp(): boolean
  /** Asks the service whether it still knows the session. */
  isAlive(): Promise<boolean>
  /** Sends a statement. `done` has the result's columns, or rejects with the driver's error. */
  send(sql: string, options: SendOptions): { readonly done: Promise<Statement>; cancel(): void }
  close(): Promise<void>
}

export interface SendOptions {
  /** Goes to the query history: `assets/42/fact_payment`. */
  readonly tag: string
  /** Gives the columns of the result and does not run anything. */
  readonly describe?: true
}

/**
 * Numbers as text, since a JavaScript number holds 53 bits of an integer and a decimal not at all; and
 * JSON as the service wrote it.
 */
const AS_TEXT = ['Number', 'JSON', 'OBJECT', 'ARRAY', 'MAP'] as readonly string[] as DataType[]
/** How long the driver waits for one answer before it asks again. Our own deadlines end it. */
const ANSWER_MS = 90_000

/**
 * Logs in. Snowflake's driver takes half a second to load, which is done nowhere else. Rejects with the
 * driver's error; whoever gives up waiting must close what comes after all.
 */
export async function logIn(settings: Settings): Promise<Link> {
  quietAwsSdk(process.env)
  const { default: driver } = await import('snowflake-sdk')
  driver.configure({ logLevel: 'OFF', additionalLogToConsole: false })
  const connection = driver.createConnection(optionsOf(settings))
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) =>
      error === undefined || error === null ? resolve() : reject(error),
    )
  })
  return linkOver(connection)
}

function optionsOf(settings: Settings): ConnectionOptions {
  const { account, user, role, warehouse, database, schema, accessUrl } = settings
  return {
    ...(account === null ? {} : { account }),
    ...(user === null ? {} : { username: user }),
    ...(role === null ? {} : { role }),
    ...(warehouse === null ? {} : { warehouse }),
    ...(accessUrl === null ? {} : { accessUrl }),
    database,
    schema,
    application: 'assets',
    timeout: ANSWER_MS,
    // Parts of a result that are read ahead, each some megabytes of text; two by default, one at least.
    resultPrefetch: 1,
    // Else a null that is fetched as text is the text NULL, as is every null of type TIME.
    representNullAsStringNull: false,
    ...authentication(settings.login),
  }
}

function authentication(login: Login): ConnectionOptions {
  switch (login.how) {
    case 'key':
      return {
        authenticator: 'SNOWFLAKE_JWT',
        ...('path' in login.key
          ? { privateKeyPath: login.key.path }
          : { privateKey: login.key.pem }),
        ...(login.passphrase === null ? {} : { privateKeyPass: login.passphrase }),
      }
    case 'access_token':
      return { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: login.token }
    case 'oauth':
      return { authenticator: 'OAUTH', token: login.token }
    case 'password':
    case 'mfa':
      return {
        authenticator: login.how === 'mfa' ? 'USERNAME_PASSWORD_MFA' : 'SNOWFLAKE',
        password: login.password,
        ...(login.passcode === null ? {} : { passcode: login.passcode }),
      }
  }
}

function linkOver(connection: Connection): Link {
  return {
    isUp: () => connection.isUp(),
    isAlive: () => connection.isValidAsync(),
    send(sql, { tag, describe }) {
      let sent: RowStatement
      const done = new Promise<Statement>((resolve, reject) => {
        sent = connection.execute({
          sqlText: sql,
          rowMode: 'array',
          streamResult: true,
          fetchAsString: AS_TEXT,
          parameters: {
            QUERY_TAG: tag,
            TIMEZONE: 'UTC',
            TIME_OUTPUT_FORMAT: 'HH24:MI:SS.FF6',
            BINARY_OUTPUT_FORMAT: 'HEX',
          },
          ...(describe === undefined ? {} : { describeOnly: true }),
          complete: (error, statement) => {
            if (error) reject(error)
            else resolve(over(statement))
          },
        })
      })
      // The answer to a cancellation tells nothing that the statement's own end does not.
      return { done, cancel: () => sent.cancel(() => undefined) }
    },
    close: () => new Promise((resolve) => connection.destroy(() => resolve())),
  }
}

function over(statement: RowStatement): Statement {
  return {
    columns: (statement.getColumns() ?? []).map((column) => ({
      name: column.getName(),
      type: column.getType(),
      precision: column.getPrecision(),
      scale: column.getScale(),
    })),
    rows: () => statement.streamRows(),
  }
}
