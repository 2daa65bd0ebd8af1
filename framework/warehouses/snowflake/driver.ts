import type { Readable } from 'node:stream'
import type { Connection, ConnectionOptions, DataType, RowStatement } from 'snowflake-sdk'
import { quietAwsSdk } from '../../lib/aws-sdk.ts'
import type { Login } from './login.ts'
import type { SnowflakeSettings } from './settings.ts'

/** A column of a result. `type` is the driver's name for it, such as `fixed` or `timestamp_ntz`. */
export interface ResultColumn {
  readonly name: string
  readonly type: string
  readonly precision: number
  readonly scale: number
}

/** A statement that was executed. */
export interface Statement {
  readonly columns: readonly ResultColumn[]
  /** How many rows the result has; null if the service does not say. */
  readonly rowCount: number | null
  /** Rows as arrays. Numbers and JSON are text; NULL is null. */
  rows(): Readable
}

/** A session with the service through the driver. */
export interface DriverSession {
  /** Whether the driver accepts statements. False after it noticed that the session expired. */
  isUp(): boolean
  /** Asks the service whether the session is still valid. */
  isAlive(): Promise<boolean>
  /** Sends a statement. `done` resolves to the result, or rejects with the driver's error. */
  send(sql: string, options: SendOptions): { readonly done: Promise<Statement>; cancel(): void }
  close(): Promise<void>
}

export interface SendOptions {
  /** The query tag, shown in Snowflake's query history: `assets/42/fact_payment`. */
  readonly tag: string
  /** Returns the columns of the result without running the query. */
  readonly describeOnly?: true
}

/**
 * Types that the driver returns as text: a JavaScript number would round large integers and decimals, and
 * parsed JSON would lose its spelling.
 */
const AS_TEXT = ['Number', 'JSON', 'OBJECT', 'ARRAY', 'MAP'] as readonly string[] as DataType[]
/** How long the driver waits for a response before it retries. Our own timeouts end the retries. */
const RESPONSE_TIMEOUT_MS = 90_000

/**
 * Logs in. Only this function loads Snowflake's driver, which takes half a second. Rejects with the driver's
 * error. A caller that stops waiting must close the session when it opens later.
 */
export async function logIn(settings: SnowflakeSettings): Promise<DriverSession> {
  quietAwsSdk(process.env)
  const { default: driver } = await import('snowflake-sdk')
  driver.configure({ logLevel: 'OFF', additionalLogToConsole: false })
  const connection = driver.createConnection(optionsOf(settings))
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) =>
      error === undefined || error === null ? resolve() : reject(error),
    )
  })
  return driverSessionOver(connection)
}

function optionsOf(settings: SnowflakeSettings): ConnectionOptions {
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
    timeout: RESPONSE_TIMEOUT_MS,
    // Chunks of a result that are read ahead, each several megabytes of text. Default 2, minimum 1.
    resultPrefetch: 1,
    // By default, a null that is fetched as text is the text `NULL`, as is every null of type TIME.
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

function driverSessionOver(connection: Connection): DriverSession {
  return {
    isUp: () => connection.isUp(),
    isAlive: () => connection.isValidAsync(),
    send(sql, { tag, describeOnly: describe }) {
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
            else resolve(statementOver(statement))
          },
        })
      })
      // The result of the cancellation is ignored: the statement itself reports its end.
      return { done, cancel: () => sent.cancel(() => undefined) }
    },
    close: () => new Promise((resolve) => connection.destroy(() => resolve())),
  }
}

function statementOver(statement: RowStatement): Statement {
  return {
    columns: (statement.getColumns() ?? []).map((column) => ({
      name: column.getName(),
      type: column.getType(),
      precision: column.getPrecision(),
      scale: column.getScale(),
    })),
    rowCount: statement.getNumRows() ?? null,
    rows: () => statement.streamRows(),
  }
}
