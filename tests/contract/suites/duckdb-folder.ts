import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect } from 'vitest'
import type { Result } from '../../../framework/model/problem.ts'
import type { Session, Spool, StreamColumn, TableLoad } from '../../../framework/ports/warehouse.ts'
import { REPOSITORY } from '../../rig/cli.ts'
import { writeSpool } from '../../rig/spool.ts'
import { duckdbIn } from './duckdb.ts'
import { must } from './warehouse.ts'

/** A table of one column, `id`. */
const ONE_COLUMN: readonly StreamColumn[] = [{ name: 'id', type: { type: 'integer', bits: 64 } }]

/** A new folder with a warehouse for each test, and the processes that a test starts. */
export class DuckdbFolder {
  root = ''
  readonly #children: ChildProcess[] = []

  constructor() {
    beforeEach(() => {
      this.root = mkdtempSync(join(tmpdir(), 'assets-duckdb-'))
    })
    afterEach(() => this.#clear())
  }

  get file(): string {
    return join(this.root, '.assets', 'warehouse.duckdb')
  }

  async withSession<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const session = must(await duckdbIn(this.root).open())
    try {
      return await use(session)
    } finally {
      await session.close()
    }
  }

  /** A spool of one column. */
  numbers(rows: readonly string[]): Promise<Spool> {
    const path = join(this.root, 'spool.parquet')
    return writeSpool(
      path,
      ONE_COLUMN,
      rows.map((row) => [row]),
    )
  }

  /** A load of such a spool into `raw.thing`. */
  oneColumn(rows: readonly string[], more: Partial<TableLoad> = {}): TableLoad {
    const numbers = () => this.numbers(rows)
    async function* spools() {
      yield await numbers()
    }
    return {
      relation: 'raw.thing',
      columns: ONE_COLUMN,
      spools: spools(),
      mode: { how: 'replace' },
      extractedAt: 0,
      syncId: 1,
      generationId: 0,
      volatile: [],
      ...more,
    }
  }

  /** Starts a program and returns an iterator over the lines that it prints. */
  start(command: string, args: readonly string[]) {
    const child = spawn(command, args, { cwd: REPOSITORY, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#children.push(child)
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const ended = new Promise((resolve) => child.once('exit', resolve))
    return { child, ended, line: async () => String((await lines.next()).value) }
  }

  /** A process that has the file open until its input ends. */
  async holder() {
    const program = `
      const { DuckDBInstance } = await import('@duckdb/node-api')
      const instance = await DuckDBInstance.create(process.argv[1])
      console.log('open')
      process.stdin.on('end', () => { instance.closeSync(); process.exit() }).resume()`
    const args = ['--input-type=module', '-e', program, this.file]
    const started = this.start(process.execPath, args)
    expect(await started.line()).toBe('open')
    return started
  }

  async #clear(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await new Promise((resolve) => child.once('exit', resolve))
      }
    }
    rmSync(this.root, { recursive: true, force: true })
  }
}

export const codes = <T>(result: Result<T>): readonly string[] =>
  result.ok ? [] : result.problems.map(({ code }) => code)
