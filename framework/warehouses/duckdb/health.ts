import { existsSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { formatBytes } from '../../lib/bytes.ts'
import { freeSpace, onOneDisk } from '../../lib/free-space.ts'
import { bad, diskFact, doubtful, type Fact, factOf, good } from '../../model/fact.ts'
import type { Examine, Patient } from '../../ports/health.ts'
import { openEngine } from './engine.ts'
import { openProblem } from './session.ts'

/** Whether the file can be opened, who has it, and how much room there is beside it. */
export const examine: Examine = (patient) => [{ part: null, facts: examineFile(patient) }]

async function* examineFile({ settings, site }: Patient): AsyncGenerator<Fact> {
  const { path } = settings.settings
  if (typeof path !== 'string' || path === '' || path.startsWith(':')) {
    yield bad(
      'file',
      'it has no path of a file',
      'give the warehouse a path: .assets/warehouse.duckdb',
    )
    return
  }
  const absolute = resolve(site.root, path)
  const file = relative(site.root, absolute) || absolute
  if (existsSync(absolute)) {
    yield good('file', `${file}, ${formatBytes(statSync(absolute).size)}`)
    yield await engineFact(absolute, file)
  } else {
    yield good('file', `${file} is not made yet: the first build makes it`)
  }
  // The disk of the folder .assets is told of once.
  if (!onOneDisk(absolute, site.home)) yield diskFact(dirname(file), freeSpace(absolute))
}

/** Opens the file as it is, since only that tells whether it is whole and whether it is free. */
async function engineFact(path: string, file: string): Promise<Fact> {
  try {
    const engine = await openEngine(path)
    try {
      const connection = await engine.connect()
      const [row] = await connection.run(
        `select version(), (select tags['storage_version'] from duckdb_databases() where database_name = current_database())`,
      )
      connection.close()
      const [version, storage] = row ?? []
      const written = typeof storage === 'string' ? `, stored as ${storage}` : ''
      return good('engine', `DuckDB ${version}${written}; nobody else has the file open`)
    } finally {
      engine.close()
    }
  } catch (error) {
    const problem = openProblem(error, file)
    // A run that is on has it; a program that keeps it has to be closed before one.
    return problem.code === 'warehouse-locked'
      ? doubtful('engine', problem.message, problem.hint)
      : factOf('engine', problem)
  }
}
