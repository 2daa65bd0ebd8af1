import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Content, contentOf } from '../../rig/dbt/content.ts'
import { WAREHOUSE } from '../../rig/dbt/edits.ts'
import { DbtFolder, type Ended } from '../../rig/dbt/folder.ts'
import { between, type ProjectState } from './state.ts'

/** A node of `status --json`. */
export interface Node {
  readonly name: string
  readonly verdict: 'fresh' | 'stale' | 'pending' | 'waiting' | 'building'
  readonly reasons: readonly {
    readonly reason: string
    readonly parts?: readonly { readonly label: string }[]
  }[]
  readonly last: { readonly outcome?: string } | null
}

export interface Status {
  readonly assets: readonly Node[]
  readonly checks: readonly Node[]
}

export type Looked = { readonly ok: true; readonly status: Status } | Failed
export type Built =
  | { readonly ok: true; readonly reasons: ReadonlyMap<string, readonly string[]> }
  | Failed

export interface Failed {
  readonly ok: false
  readonly code: number | null
  readonly text: string
  /** The assets whose build failed. */
  readonly failed: readonly string[]
}

/** Columns of a snapshot that say when a build ran. Whether a row is valid still counts. */
const SNAPSHOT_TIMES = new Set(['"dbt_scd_id"', '"dbt_updated_at"', '"dbt_valid_from"'])
const VALID_TO = '"dbt_valid_to"'

/** An edit may make dbt run for ever. Only a hang reaches this. */
const DEADLINE_MS = 120_000
/** What dbt remembers of the project. Parsing with it takes a tenth of the time. */
const SAVED_PARSE = ['.assets/dbt/local/partial_parse.msgpack', '.assets/dbt/local/assets_macros']

/** One project folder of the two that are compared. */
export class Twin {
  readonly #folder: DbtFolder
  #state: ProjectState = { files: {}, env: {} }

  constructor(python: string) {
    this.#folder = new DbtFolder(python)
  }

  /** Makes the folder hold this state. */
  become(state: ProjectState): void {
    this.#folder.write(between(this.#state, state, '').files)
    this.#state = state
  }

  /** Removes everything that was built, and unless `keepsParse` also what dbt remembers of the project. */
  empty(keepsParse: boolean): void {
    const files = SAVED_PARSE.map((name) => join(this.#folder.root, name))
    const kept = files.filter((file) => keepsParse && existsSync(file))
    const saved = kept.map((file) => [file, readFileSync(file)] as const)
    rmSync(join(this.#folder.root, '.assets'), { recursive: true, force: true })
    for (const [file, content] of saved) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
  }

  async status(): Promise<Looked> {
    const ended = await this.#run(['status', '--json'])
    if (ended.code !== 0) return failed(ended)
    return { ok: true, status: JSON.parse(ended.stdout) as Status }
  }

  /** Builds everything, or these assets only. The reasons of each asset that was built. */
  async materialize(names: readonly string[] = []): Promise<Built> {
    const ended = await this.#run(['materialize', ...names, '--json'])
    if (ended.code !== 0) return failed(ended)
    const reasons = new Map<string, readonly string[]>()
    for (const event of eventsOf(ended)) {
      if (event.event !== 'step_started') continue
      reasons.set(
        event.asset,
        event.reasons.map(({ reason }) => reason),
      )
    }
    return { ok: true, reasons }
  }

  content(): Promise<Content> {
    return contentOf(join(this.#folder.root, WAREHOUSE), (column) => {
      if (SNAPSHOT_TIMES.has(column)) return null
      return column === VALID_TO ? `${column} is null` : column
    })
  }

  /** The SQL and Python that dbt compiled, by path. */
  compiled(): Readonly<Record<string, string>> {
    const folder = join(this.#folder.root, '.assets/dbt/local/compiled')
    if (!existsSync(folder)) return {}
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const files = names.filter((name) => /\.(?:sql|py)$/.test(name))
    return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  }

  #run(args: readonly string[]): Promise<Ended> {
    return this.#folder.run(args, this.#state.env, AbortSignal.timeout(DEADLINE_MS))
  }

  remove(): void {
    this.#folder.remove()
  }
}

interface RunEvent {
  readonly event: string
  readonly asset: string
  readonly outcome?: string
  readonly reasons: readonly { readonly reason: string }[]
}

function eventsOf({ stdout }: Ended): readonly RunEvent[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"event"'))
  return lines.map((line) => JSON.parse(line) as RunEvent)
}

function failed(ended: Ended): Failed {
  const { code, stdout, stderr } = ended
  const names = eventsOf(ended).flatMap(({ event, outcome, asset }) =>
    event === 'step_finished' && outcome === 'failed' ? [asset] : [],
  )
  return { ok: false, code, text: `${stderr}${stdout}`.slice(-3_000), failed: names }
}
