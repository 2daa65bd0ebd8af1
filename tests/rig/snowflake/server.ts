import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pythonWith } from '../python.ts'

/** A statement as the look-alike received it. */
export interface Received {
  readonly database: string | null
  /** From Node's driver; else from Python's. */
  readonly node: boolean
  readonly tag: string | null
  readonly sql: string
}

/** An account in memory. A database is created by the first connection to it: one for each test. */
export interface Lookalike {
  readonly port: number
  readonly url: string
  /** What was run so far in a database, oldest first. */
  received(database: string): Promise<readonly Received[]>
  /** Who logged in so far, and how. */
  logins(): Promise<readonly Readonly<Record<string, string | null>>[]>
  /** Every session has to renew its token before its next statement. */
  expireSessions(): Promise<void>
  close(): Promise<void>
}

let databases = 0
/** A name that no other test of this process has. */
export const newDatabase = (): string => `TEST_${++databases}`

/** Starts a look-alike. Null, with a word on why, where its Python environment can't be made. */
export async function startLookalike(): Promise<Lookalike | null> {
  const python = await pythonWith('tests/rig/snowflake/requirements.txt')
  if (!python.ok) {
    console.warn(`no Snowflake look-alike: ${python.problems[0]?.message}`)
    return null
  }
  // The driver's libraries would say at each start that this Node is old to one of them.
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
