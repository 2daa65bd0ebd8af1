import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { markOfThisProcess } from '../../lib/left-processes.ts'
import { releaseGroup, signalGroup, spawnGroup } from '../../lib/process-groups.ts'
import type { Environment } from '../../ports/site.ts'
import type { Hyper } from './hyper.ts'
import { HyperError } from './problems.ts'
import { FILE_VERSION } from './server.ts'

/** A line of `hyper_driver.py`. */
type Answer =
  | { readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly error: string }

const SCRIPT = fileURLToPath(new URL('./hyper_driver.py', import.meta.url))

/** Starts Hyper through the vendor's Python driver. Rejects with a `HyperError` if that fails. */
export async function startDriver(python: string, env: Environment): Promise<Hyper> {
  const child = spawnGroup(() =>
    spawn(python, ['-I', SCRIPT, String(FILE_VERSION)], {
      env: { ...env, ...markOfThisProcess() },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    }),
  )
  const { pid } = child
  let errors = ''
  let waiting: ((answer: Answer) => void) | null = null
  let gone: HyperError | null = null
  const leave = (why: string) => {
    gone ??= new HyperError(errors === '' ? why : errors.trim())
    waiting?.({ error: gone.message })
  }
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4_000)
  })
  child.stdin.on('error', () => undefined)
  child.once('error', (error) => leave(`the Python of Hyper did not start: ${error.message}`))
  createInterface({ input: child.stdout }).on('line', (line) => {
    waiting?.(JSON.parse(line) as Answer)
  })
  const ended = once(child, 'close').catch(() => undefined)
  child.once('close', () => {
    leave("Hyper's driver ended")
    if (pid !== undefined) releaseGroup(pid)
  })
  const ask = async (request: Record<string, unknown>) => {
    if (gone !== null) throw gone
    const answer = await new Promise<Answer>((resolve) => {
      waiting = resolve
      child.stdin.write(`${JSON.stringify(request)}\n`)
    })
    waiting = null
    if ('error' in answer) throw gone ?? new HyperError(answer.error, true)
    return answer.rows
  }
  const close = async () => {
    signalGroup(pid, 'SIGKILL')
    await ended
  }
  try {
    await ask({ sql: 'select 1' })
    return { run: (sql) => ask({ sql }), close }
  } catch (error) {
    await close()
    throw error
  }
}
