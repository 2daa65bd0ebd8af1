import { chmodSync, constants, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTemporaryFolder, removeTemporaryFolder } from '../../lib/temporary-folder.ts'
import { fail, ok, ProblemError, type Result } from '../../model/problem.ts'
import { contentVersion } from '../../model/version.ts'
import type { FileContent, FileFormat } from '../../ports/file-format.ts'
import type { Site } from '../../ports/site.ts'
import type { Hyper } from './hyper.ts'
import { findInstallation, hyperdIn, install } from './installation.ts'
import { thisMachine } from './platform.ts'
import {
  cancelled,
  HyperError,
  notInstalled,
  startProblem,
  unavailableOn,
  writeProblem,
} from './problems.ts'
import {
  attach,
  columnsStatement,
  contentStatement,
  createStatements,
  detach,
  type HyperColumn,
  SETTINGS,
} from './statements.ts'

/** How a version is made. Another one for each change of `contentStatement`. */
const SCHEME = 'hyper/1'

/** The content of what Hyper can't open: that of no file which it wrote. */
const UNREADABLE: FileContent = { version: contentVersion(SCHEME, 'unreadable'), rows: 0 }

/** Tableau's .hyper files, written by Hyper itself. Its program is installed and started on first use. */
export function create(site: Site): FileFormat {
  let running: Hyper | null = null
  /** Starts Hyper unless it runs. Throws a `ProblemError`. */
  const hyper = async (): Promise<Hyper> => {
    running ??= await start(site)
    return running
  }
  const stop = async () => {
    const stopped = running
    running = null
    await stopped?.close()
  }
  let last: Promise<unknown> = Promise.resolve()
  /** One file is open at a time, as `file`. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }
  const write: FileFormat['write'] = async (parquet, file, signal) => {
    const interrupt = () => void stop()
    try {
      const found = findInstallation(site)
      if (!found.ok) return found
      const { environment } = found.value
      if (environment.requirements === null && !found.value.isComplete) {
        return fail(notInstalled(environment))
      }
      const installed = await install(found.value, site)
      if (!installed.ok) return installed
      const { run } = await hyper()
      signal.addEventListener('abort', interrupt, { once: true })
      if (signal.aborted) interrupt()
      for (const statement of createStatements(parquet, file)) await run(statement)
      // Hyper gives no rights to others, whatever the umask says.
      chmodSync(file, 0o666 & ~process.umask())
      return ok(await contentOf(run, file))
    } catch (error) {
      if (signal.aborted) return fail(cancelled)
      if (error instanceof ProblemError) return fail(...error.problems)
      // A statement that failed may have left the file attached.
      await stop()
      return fail(writeProblem(error))
    } finally {
      signal.removeEventListener('abort', interrupt)
    }
  }
  const read: FileFormat['read'] = async (file) => {
    const found = findInstallation(site)
    if (!found.ok || !found.value.isComplete) return null
    const folder = makeTemporaryFolder(site.home)
    try {
      // Hyper repairs a damaged file when it opens it, so it gets a copy. Most file systems copy no bytes for it.
      const copy = join(folder, 'copy.hyper')
      copyFileSync(file, copy, constants.COPYFILE_FICLONE)
      return await contentOf((await hyper()).run, copy)
    } catch (error) {
      if (!(error instanceof HyperError)) throw error
      await stop()
      return UNREADABLE
    } finally {
      removeTemporaryFolder(folder)
    }
  }
  return {
    unavailable: () => unavailableOn(thisMachine()),
    write: (...args) => alone(() => write(...args)),
    read: (file) => alone(() => read(file)),
    close: stop,
  }
}

/** Opens a file, and returns what its table holds. */
async function contentOf(run: Hyper['run'], file: string): Promise<FileContent> {
  await run(attach(file))
  const columns: readonly HyperColumn[] = (await run(columnsStatement)).map(([name, type]) => ({
    name: name!,
    type: type!,
  }))
  const [found] = columns.length === 0 ? [] : await run(contentStatement(columns))
  await run(detach)
  const [rows = '0', ...sums] = (found ?? []) as readonly string[]
  const names = columns.flatMap(({ name, type }) => [name, type])
  return { version: contentVersion(SCHEME, rows, ...sums, ...names), rows: Number(rows) }
}

/** Starts `hyperd` by itself, or else through the vendor's driver. Throws a `ProblemError`. */
async function start(site: Site): Promise<Hyper> {
  const { value } = okOr(findInstallation(site))
  const { folder, python } = value.environment
  const hyperd = hyperdIn(folder)
  const errors: string[] = []
  const { PYTHONHOME: _home, PYTHONPATH: _path, ...env } = site.shell
  const attempts = [
    async () => {
      if (hyperd === null) throw new HyperError(`${folder} has no hyperd`)
      return (await import('./server.ts')).startServer(hyperd, env)
    },
    async () => (await import('./driver.ts')).startDriver(python, env),
  ]
  for (const attempt of attempts) {
    try {
      const started = await attempt()
      for (const statement of SETTINGS) await started.run(statement)
      return started
    } catch (error) {
      if (!(error instanceof HyperError)) throw error
      errors.push(error.message)
    }
  }
  throw new ProblemError(startProblem(errors))
}

function okOr<T>(result: Result<T>): { readonly value: T } {
  if (!result.ok) throw new ProblemError(...result.problems)
  return result
}
