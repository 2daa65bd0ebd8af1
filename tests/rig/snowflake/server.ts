import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pythonWith } from '../python.ts'

/** A statement as the look-alike received it. */
export interface Received {
  readonly database: string | null
  /** True for Node's driver, false for Python's. */
  readonly node: boolean
  readonly tag: string | null
  readonly sql: string
}

/** An account in memory. A database is created by the first connection to it: one for each test. */
export interface Lookalike {
  readonly port: number
  readonly url: string
  /** The statements of a database so far, oldest first. */
  received(database: string): Promise<readonly Received[]>
  /** The logins so far. */
  logins(): Promise<readonly Readonly<Record<string, string | null>>[]>
  /** Expires all sessions: each must renew its token before its next statement. */
  expireSessions(): Promise<void>
  close(): Promise<void>
}

let databases = 0
/** A database name that is unique in this process. */
export const newDatabase = (): string => `TEST_${++databases}`

/** Starts a look-alike. Null, with a message, when its Python environment can't be created. */
export async function startLookalike(): Promise<Lookalike | null> {
  const python = await pythonWith('tests/rig/snowflake/requirements.txt')
  if (!python.ok) {
    console.warn(`no Snowflake look-alike: ${python.problems[0]?.message}`)
    return null
  }
  // Suppresses warnings of the driver's libraries about the version of Node.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const program = join(import.meta.dirname, 'lookalike')
  const child = spawn(join(python.value, 'bin/python'), [program, '0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done) throw new Error('the look-alike ended before it listened')
  const { port } = JSON.parse(first.value) as { port: number }
  const url = `http://127.0.0.1:${port}`
  const control = async (init?: RequestInit) =>
    (await (await fetch(`${url}/__lookalike`, init)).json()) as {
      statements: Received[]
      logins: Record<string, string | null>[]
    }
  return {
    port,
    url,
    received: async (database) =>
      (await control()).statements.filter((one) => one.database === database),
    logins: async () => (await control()).logins,
    expireSessions: async () => void (await control({ method: 'POST', body: '{"expire":true}' })),
    async close() {
      child.kill()
      await ended
    },
  }
}
