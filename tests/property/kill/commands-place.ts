import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { REPOSITORY } from '../../rig/cli.ts'
import { type PostgresRig, startPostgres } from '../../rig/postgres.ts'
import type { KillPlace, KillProject } from './place.ts'

/** Each program with its pause between two rows, in seconds, and its inputs. */
const STEPS: readonly (readonly [name: string, pause: number, ...inputs: readonly string[]])[] = [
  ...Array.from({ length: 10 }, (_, n) => [`leaf_${n}`, 0.01] as const),
  ['deaf_0', 0.1],
  ['away_0', 0.1],
  ['mid_0', 0.03, 'leaf_0', 'leaf_1', 'deaf_0'],
  ['mid_1', 0.03, 'leaf_2', 'leaf_3', 'away_0'],
  ['mid_2', 0.05, 'leaf_4', 'leaf_5'],
  ['deaf_1', 0.08, 'mid_0', 'mid_1'],
  ['away_1', 0.08, 'mid_2', 'leaf_6'],
  ['top', 0.02, 'deaf_1', 'away_1', 'leaf_7', 'leaf_8', 'leaf_9'],
]

/** Programs that write files: some ignore SIGTERM, some leave their process group, some run in helpers. */
export class CommandsPlace implements KillPlace {
  readonly name: string
  readonly span = 1_800
  readonly #server: PostgresRig | null
  #expected: unknown = null

  private constructor(server: PostgresRig | null) {
    this.#server = server
    this.name = server === null ? 'commands' : 'commands, with their state on a server'
  }

  static async create(state: 'file' | 'server'): Promise<CommandsPlace> {
    return new CommandsPlace(state === 'file' ? null : await startPostgres())
  }

  async begin() {
    const server = this.#server
    const url = (await server?.database()) ?? null
    const project = new CommandsProject(url, server)
    this.#expected ??= expectedContent()
    return { project, expected: this.#expected }
  }

  async end(project: KillProject): Promise<void> {
    rmSync(project.root, { recursive: true, force: true })
  }

  async close(): Promise<void> {
    await this.#server?.stop()
  }
}

class CommandsProject implements KillProject {
  readonly root = mkdtempSync(join(tmpdir(), 'assets-kill-'))
  readonly env: Readonly<Record<string, string>>
  readonly servers: KillProject['servers']
  readonly ofServer = []
  readonly #url: string | null

  constructor(url: string | null, server: PostgresRig | null) {
    this.#url = url
    this.env = url === null ? {} : { STATE_URL: url }
    this.servers = server === null ? {} : { state: () => server.restart('SIGQUIT') }
    const target = url === null ? '{}' : '{state: {type: postgres, url: "$' + '{STATE_URL}"}}'
    const assets = STEPS.map(
      ([name, pause, ...inputs]) =>
        `  ${name}: {kind: command, deps: [${inputs.join(', ')}], code: [step.sh], run: [sh, step.sh, ${[name, `"${pause}"`, ...inputs].join(', ')}], outputs: [out/${name}.txt]}`,
    )
    writeFileSync(
      join(this.root, 'assets.yaml'),
      `version: 1\nproject: kills\ndefault_target: local\ntargets: {local: ${target}}\nassets:\n${assets.join('\n')}\n`,
    )
    cpSync(join(REPOSITORY, 'tests/property/kill/step.sh'), join(this.root, 'step.sh'))
  }

  async content(): Promise<unknown> {
    const out = join(this.root, 'out')
    return Object.fromEntries(
      readdirSync(out)
        .sort()
        .map((file) => [file, readFileSync(join(out, file), 'utf8')]),
    )
  }

  async left(): Promise<readonly string[]> {
    if (this.#url === null) return []
    const admin = new pg.Client({ connectionString: this.#url })
    await admin.connect()
    const { rows } = await admin.query<{ said: string }>(
      `select application_name || ': ' || query as said from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()
         and backend_type = 'client backend'`,
    )
    const leases = await admin.query('select * from assets.leases')
    await admin.end()
    return [
      ...rows.map(({ said }) => `a session of the state: ${said}`),
      ...leases.rows.map(() => 'a lease'),
    ]
  }
}

/** What the programs write when nothing disturbs them. */
function expectedContent(): unknown {
  const texts = new Map<string, string>()
  for (const [name, , ...inputs] of STEPS) {
    const before = inputs.map((input) => texts.get(input)!).join('')
    const away = name.startsWith('away') ? 'away\n' : ''
    const own = [1, 2, 3, 4].map((row) => `row ${row} of ${name}\n`).join('')
    texts.set(name, before + away + own)
  }
  return Object.fromEntries([...texts].sort().map(([name, text]) => [`${name}.txt`, text]))
}
