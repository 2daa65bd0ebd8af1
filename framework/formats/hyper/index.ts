import { chmodSync, constants, copyFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { hashFile } from '../../lib/hash-file.ts'
import { makeTemporaryFolder, removeTemporaryFolder } from '../../lib/temporary-folder.ts'
import { fail, ok, ProblemError } from '../../model/problem.ts'
import { contentVersion } from '../../model/version.ts'
import type { FileContent, FileFormat } from '../../ports/file-format.ts'
import type { Environment, Site } from '../../ports/site.ts'
import type { TextTable } from '../../ports/text-table.ts'
import type { Environment as PythonEnvironment } from '../../python/environment.ts'
import type { Hyper } from './hyper.ts'
import { findInstallation, hyperdIn, type Installation, install } from './installation.ts'
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
  rowsStatement,
  SETTINGS,
  tablesStatement,
} from './statements.ts'

/** How a version is made. Another one for each change of `contentStatement`. */
const SCHEME = 'hyper/1'

/** The content of what Hyper can't open, or what has no such table: that of no file which it wrote. */
async function unreadable(file: string): Promise<FileContent> {
  const digest = await hashFile(file, statSync(file).size)
  return { version: contentVersion(SCHEME, 'unreadable', digest), rows: null }
}

/** Tableau's .hyper files, written by Hyper itself. Its program is installed and started on first use. */
export function create(site: Site): FileFormat {
  let running: Hyper | null = null
  /** Starts Hyper unless it runs. Throws a `ProblemError`. */
  const hyper = async ({ environment }: Installation): Promise<Hyper> => {
    running ??= await start(environment, site.shell)
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
      const { run } = await hyper(found.value)
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
  /** Asks Hyper about a file; null if Hyper is not installed. `unread` answers for what Hyper can't open. */
  const ask = async <T>(
    file: string,
    question: (run: Hyper['run'], copy: string) => Promise<T>,
    unread: () => Promise<T>,
  ): Promise<T | null> => {
    const found = findInstallation(site)
    if (!found.ok || !found.value.isComplete) return null
    const folder = makeTemporaryFolder(site.home)
    const interrupt = () => void stop()
    site.signal.addEventListener('abort', interrupt, { once: true })
    try {
      // Hyper repairs a damaged file when it opens it, so it gets a copy. Most file systems copy no bytes for it.
      const copy = join(folder, 'copy.hyper')
      copyFileSync(file, copy, constants.COPYFILE_FICLONE)
      return await question((await hyper(found.value)).run, copy)
    } catch (error) {
      if (site.signal.aborted) throw new ProblemError(cancelled)
      if (!(error instanceof HyperError)) throw error
      await stop()
      // Hyper that ended meanwhile says nothing of the file.
      if (!error.isRefusal) throw error
      return unread()
    } finally {
      site.signal.removeEventListener('abort', interrupt)
      removeTemporaryFolder(folder)
    }
  }
  return {
    unavailable: () => unavailableOn(thisMachine()),
    write: (...args) => alone(() => write(...args)),
    read: (file) => alone(() => ask(file, contentOf, () => unreadable(file))),
    rows: (file) => alone(() => ask(file, rowsOf, async () => noTable(file))),
    close: stop,
  }
}

function noTable(file: string): never {
  throw new Error(`${file} is no file of Hyper with a table`)
}

/** Opens a file, and returns its rows. */
async function rowsOf(run: Hyper['run'], file: string): Promise<TextTable> {
  await run(attach(file))
  const columns = await columnsOf(run)
  const rows = columns.length === 0 ? [] : await run(rowsStatement(columns.map(columnOf)))
  await run(detach)
  if (columns.length === 0) return noTable(file)
  return { columns: columns.map(([name]) => name), rows }
}

/** Opens a file, and returns what it holds. */
async function contentOf(run: Hyper['run'], file: string): Promise<FileContent> {
  await run(attach(file))
  // A file of another shape may have been made by anyone, and hold anything else.
  const tables = (await run(tablesStatement)).map(([name]) => name!)
  const columns = await columnsOf(run)
  const [found] = columns.length === 0 ? [] : await run(contentStatement(columns.map(columnOf)))
  await run(detach)
  if (found === undefined) return unreadable(file)
  const [rows, ...sums] = found as readonly string[]
  const shape = [...tables, ...columns.flat()]
  return { version: contentVersion(SCHEME, rows!, ...sums, ...shape), rows: Number(rows) }
}

type ColumnRow = readonly [name: string, type: string, isNotNull: string]

const columnsOf = async (run: Hyper['run']) =>
  (await run(columnsStatement)) as unknown as readonly ColumnRow[]

const columnOf = ([name, type]: ColumnRow): HyperColumn => ({ name, type })

/** Starts `hyperd` by itself, or else through the vendor's driver. Throws a `ProblemError`. */
async function start({ folder, python }: PythonEnvironment, shell: Environment): Promise<Hyper> {
  const hyperd = hyperdIn(folder)
  const errors: string[] = []
  const { PYTHONHOME: _home, PYTHONPATH: _path, ...env } = shell
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
