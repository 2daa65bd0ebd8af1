import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { formatBytes } from '../../framework/lib/bytes.ts'
import { REPOSITORY } from '../rig/cli.ts'
import { sharedHyper } from '../rig/python.ts'
import { alternate, resultLine, secondsOf } from './measure.ts'

// An extract as a .hyper file against the same rows as a Parquet file, and the memory of Hyper meanwhile.

const SIZES = [500_000, 5_000_000]
const ROUNDS = 3
const BUNDLE = join(REPOSITORY, 'dist', 'main.js')
const LOOKS_EVERY_MS = 20

export async function benchHyper(print: (line: string) => void): Promise<void> {
  const environment = await sharedHyper()
  if (environment === null) {
    print('hyper: skipped, Hyper does not run on this machine')
    return
  }
  for (const rows of SIZES) {
    const root = mkdtempSync(join(tmpdir(), 'assets-hyper-bench-'))
    try {
      await makeProject(root, rows)
      const env = { ...process.env, ASSETS_HYPER_PYTHON_ENV: environment }
      const build = (asset: string) =>
        secondsOf(process.execPath, [BUNDLE, 'materialize', asset, '--force'], { cwd: root, env })
      let memory = 0
      const watch = setInterval(() => {
        memory = Math.max(memory, memoryOfHyper())
      }, LOOKS_EVERY_MS)
      const compared = await alternate(
        ROUNDS,
        () => build('hyper'),
        () => build('parquet'),
      )
      clearInterval(watch)
      const label = `extract of ${rows.toLocaleString('en-US')} rows as .hyper`
      print(resultLine(label, 'Parquet', null, compared))
      const size = (name: string) => formatBytes(statSync(join(root, name)).size)
      print(
        `  Hyper's peak ${memory} MB; .hyper ${size('rows.hyper')}, Parquet ${size('rows.parquet')}`,
      )
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  }
}

/** A project whose warehouse has a table of these rows, and writes it in both formats. */
async function makeProject(root: string, rows: number): Promise<void> {
  writeFileSync(
    join(root, 'assets.yaml'),
    `version: 1
project: bench
targets: {local: {warehouse: {type: duckdb, path: w.duckdb}}}
assets:
  rows: {kind: external, relation: main.rows}
  parquet: {kind: extract, deps: [rows], to: rows.parquet, order_by: [id]}
  hyper: {kind: extract, deps: [rows], to: rows.hyper, order_by: [id]}
`,
  )
  const instance = await DuckDBInstance.create(join(root, 'w.duckdb'))
  const connection = await instance.connect()
  await connection.run(`create table rows as
    select range as id, (range * 7919 % 100000 / 100.0)::decimal(12, 2) as amount, 'customer ' || (range % 1000) as name,
      date '2020-01-01' + (range % 1000)::int as day, timestamp '2020-01-01' + interval (range) second as at,
      range % 3 = 0 as is_late
    from range(${rows})`)
  connection.closeSync()
  instance.closeSync()
}

/** The peak memory of the largest running Hyper, in megabytes. Linux only. */
function memoryOfHyper(): number {
  let peak = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      if (!/^Name:\s*hyperd/m.test(status)) continue
      peak = Math.max(peak, Math.round(Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) / 1024))
    } catch {
      // It has ended.
    }
  }
  return peak
}
