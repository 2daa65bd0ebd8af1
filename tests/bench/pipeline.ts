import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { CliProject, REPOSITORY } from '../rig/cli.ts'
import { startPostgres } from '../rig/postgres.ts'
import { sharedPython } from '../rig/python.ts'
import { alternate, resultLine, secondsOf } from './measure.ts'

const LAUNCHER = join(REPOSITORY, 'framework', 'bin', 'assets')
const BUNDLE = join(REPOSITORY, 'dist', 'main.js')
const ROUNDS = 5

const nothing = () => secondsOf(process.execPath, ['-e', '0'])

/** Start-up, and `materialize` with nothing to do, compared with an empty Node program. */
export async function benchNoOp(print: (line: string) => void): Promise<void> {
  const python = await sharedPython()
  const project = CliProject.dvdRental({ ASSETS_PYTHON_ENV: python })
  const server = await startPostgres()
  try {
    const env = { ...process.env, ASSETS_PYTHON_ENV: python }
    const assets = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
      secondsOf(process.execPath, [BUNDLE, ...args], {
        cwd: project.root,
        env: { ...env, ...more },
      })
    await assets(['materialize'])
    const rounds = ROUNDS * 3
    const help = await alternate(rounds, () => assets(['--help']), nothing)
    print(resultLine('assets --help', 'node -e 0', null, help))
    const list = await alternate(rounds, () => assets(['list']), nothing)
    print(resultLine('assets list', 'node -e 0', null, list))
    const embedded = await alternate(rounds, () => assets(['materialize']), nothing)
    print(resultLine('materialize, nothing to do, embedded source', 'node -e 0', 3, embedded))

    const url = await server.database()
    await loadSample(url)
    const source = { SOURCE_DATABASE_URL: url }
    await assets(['materialize'], source)
    const real = await alternate(rounds, () => assets(['materialize'], source), nothing)
    print(resultLine('materialize, nothing to do, real server', 'node -e 0', 10, real))
  } finally {
    await server.stop()
    project.remove()
  }
}

/** Builds of dbt models compared with `dbt build`, on the same project and raw tables. */
export async function benchBuilds(print: (line: string) => void): Promise<void> {
  const python = await sharedPython()
  const project = CliProject.dvdRental({ ASSETS_PYTHON_ENV: python })
  try {
    const env = { ...process.env, ASSETS_PYTHON_ENV: python }
    const assets = (...args: readonly string[]) =>
      secondsOf(process.execPath, [LAUNCHER, ...args], { cwd: project.root, env })
    await assets('materialize')
    const copy = project.path('.assets/copy.duckdb')
    cpSync(project.path('.assets/warehouse.duckdb'), copy)
    const dbt = async () =>
      secondsOf(join(python, 'bin', 'dbt'), ['build', '--quiet'], {
        cwd: project.path('dbt'),
        env: { ...env, DBT_DUCKDB_PATH: copy, DBT_PROFILES_DIR: project.path('dbt') },
      })
    await dbt()
    const whole = await alternate(ROUNDS, () => assets('materialize', 'kind:dbt', '--force'), dbt)
    print(resultLine('all dbt models and tests, new process', 'dbt build', 0.8, whole))

    let cents = 0
    const oneRow = async () => {
      cents += 1
      await assets(
        'source',
        'sql',
        `update payment set amount = ${cents}.5 where payment_id = (select min(payment_id) from payment)`,
      )
      return assets('materialize')
    }
    const row = await alternate(ROUNDS, oneRow, dbt)
    print(resultLine('one changed row up to the reports, new process', 'dbt build', 0.8, row))
    const warm = await alternate(ROUNDS, () => warmSeconds(project, ++cents), dbt)
    print(resultLine('  the part after the load, worker running', 'dbt build', 0.3, warm))
  } finally {
    project.remove()
  }
}

/**
 * The seconds from the first fact table's start to the end of the run, when dbt's worker already
 * runs.
 */
async function warmSeconds(project: CliProject, cents: number): Promise<number> {
  const change = `update payment set amount = ${cents}.25 where payment_id = (select min(payment_id) from payment)`
  await project.run('source', 'sql', change)
  const running = project.start(['materialize', '--json'])
  await running.until('"event":"step_started","asset":"fact_')
  const startedAt = performance.now()
  const { code, stderr } = await running.ended
  if (code !== 0) throw new Error(stderr)
  return (performance.now() - startedAt) / 1000
}

/** The first command on a new machine, without any cache. Also prints the seconds of each step. */
export async function benchFirstCommand(print: (line: string) => void): Promise<void> {
  const project = CliProject.dvdRental()
  try {
    const seconds = await secondsOf(process.execPath, [LAUNCHER, 'materialize', 'fact_payment'], {
      cwd: project.root,
      env: { ...process.env, ASSETS_PYTHON_ENV: '' },
    })
    print(`first command, with making the Python environment   ${seconds.toFixed(1)} s`)
    const { stdout } = await project.run('runs', '1')
    for (const row of stdout.split('\n').filter((one) => /^ {2}\w/.test(one))) print(`   ${row}`)
    rmSync(project.path('.assets/python'), { recursive: true, force: true })
  } finally {
    project.remove()
  }
}

async function loadSample(url: string): Promise<void> {
  const { readFileSync } = await import('node:fs')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const file of ['schema', 'rows', 'keys']) {
    await client.query(readFileSync(join(REPOSITORY, `assets/sample/${file}.sql`), 'utf8'))
  }
  await client.end()
}
