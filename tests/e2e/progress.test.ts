import { stripVTControlCharacters } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { displayWidth } from '../../framework/report/text.ts'
import { CliProject } from '../rig/cli.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { type PtyResult, runInPty } from '../rig/pty.ts'
import { Terminal } from '../rig/terminal.ts'

// A load from a real PostgreSQL server into DuckDB says how far it is: as events, in a real terminal of three widths,
// and in a log. ASSETS_PROGRESS_ROWS=5000000 loads five million rows.

const ROWS = Number(process.env.ASSETS_PROGRESS_ROWS ?? 300_000)

/** Too long for a line of 60 columns. */
const LONG_NAME = 'a_report_with_a_name_that_is_too_long_for_a_terminal_of_sixty_columns'

let server: PostgresRig
let project: CliProject
let url: string
beforeAll(async () => {
  server = await startPostgres()
  url = await server.database()
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`
    create table payment (payment_id serial primary key, customer_id int, amount numeric(5, 2), paid_at timestamp, note text);
    insert into payment (customer_id, amount, paid_at, note)
    select n % 599, n % 1200 / 100.0, timestamp '2007-02-14' + n * interval '1 s', md5(n::text)
    from generate_series(1, ${ROWS}) n;`)
  await client.query('analyze payment')
  await client.end()
  project = new CliProject({ SHOP: url, TZ: 'UTC' })
  project.write(
    'assets.yaml',
    `
version: 1
project: shop
include: [assets/*.yaml]
targets:
  local:
    warehouse: {type: duckdb, path: shop.duckdb}
    connections: {shop: {type: postgres, url: "\${SHOP}"}}
    state: {type: sqlite, path: state.db}
`,
  )
  project.write(
    'assets/shop.yaml',
    `
assets:
  raw_payment: {kind: airbyte, connection: shop, stream: payment, sync: full_refresh}
  ${LONG_NAME}:
    {kind: command, run: [sleep, "0.3"]}
  sleeper: {kind: command, run: [sleep, "1.5"]}
`,
  )
})
afterAll(async () => {
  project?.remove()
  await server?.stop()
})

interface Line {
  readonly event: string
  readonly asset?: string
  readonly phase?: string
  readonly message?: string
  readonly amount?: {
    readonly done: number
    readonly of: number | null
    readonly is_estimate: boolean
    readonly unit: string
    readonly per_second: number | null
  }
}

it('a load tells its phases and its percent as events', async () => {
  const { code, stdout, stderr } = await project.run('materialize', 'raw_payment', '--json')
  expect([code, stderr, code === 0 ? '' : stdout]).toEqual([0, '', ''])
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  const own = events.filter(
    ({ event, asset }) => event === 'step_progress' && asset === 'raw_payment',
  )
  expect([...new Set(own.map(({ phase }) => phase))]).toEqual(['reading', 'writing', 'hashing'])
  const reading = own.filter(({ phase }) => phase === 'reading')
  const [first] = reading
  expect(first!.amount).toMatchObject({ is_estimate: true, unit: 'rows' })
  expect(Math.abs(first!.amount!.of! - ROWS)).toBeLessThan(ROWS / 20)
  expect(first!.message).toMatch(/^[\d,]+ of about [\d,]+ rows read$/)
  const dones = reading.map(({ amount }) => amount!.done)
  expect(dones).toEqual(dones.toSorted((a, b) => a - b))
  // What is written is of the rows that were read, and exactly so.
  const writing = own.find(({ phase }) => phase === 'writing')
  expect(writing!.amount).toMatchObject({ of: ROWS, is_estimate: false })
  expect(events.find(({ event }) => event === 'batch_started')).toMatchObject({
    ...{ batch: 1, kind: 'airbyte', steps: ['raw_payment'], checks: [] },
  })
  expect(
    events.filter(({ event }) => event === 'batch_progress').map(({ message }) => message),
  ).toEqual([expect.stringContaining('connecting to '), null])
})

/** What a run leaves on the screen, or wrote to a log: without its times, which differ from run to run. */
const withoutTimes = (lines: readonly string[]): readonly string[] =>
  lines
    .map((line) =>
      line
        .replace(/^\d\d:\d\d:\d\d/, '<time>')
        .replace(/run \d+/, 'run <n>')
        .replaceAll(/\b\d+(\.\d)? s\b/g, '<s>')
        .replaceAll(/ {2,}/g, '  ')
        .trimEnd(),
    )
    .filter((line) => line !== '')
    .toSorted()

const COMMAND = ['materialize', '--force', '*'] as const

/** The frames of a terminal: what it showed after each write. */
function played({ output }: PtyResult, columns: number): { screen: Terminal; widest: number } {
  const screen = new Terminal(columns)
  // The longest text between two moves of the cursor is the widest line that was written.
  const plain = stripVTControlCharacters(output).split(/[\r\n]/)
  screen.write(output)
  return { screen, widest: Math.max(...plain.map(displayWidth)) }
}

it('a terminal of 200 columns ends with what a log has, and shows the load meanwhile', async () => {
  const log = await project.run(...COMMAND)
  expect(log.code).toBe(0)
  const watched = await runInPty([...COMMAND], project.root, 200, { SHOP: url })
  expect(watched.code).toBe(0)
  const { screen, widest } = played(watched, 200)
  expect(widest).toBeLessThanOrEqual(200)
  expect(withoutTimes(screen.rows)).toEqual(
    withoutTimes([...log.stderr.split('\n'), ...log.stdout.split('\n')]),
  )
  expect(watched.output).toMatch(/raw_payment .*(reading|writing|hashing) .*\d+ %/)
  // The history knows by now how long the steps take.
  expect(watched.output).toMatch(/\d\/3 steps .*(about|up to) .* left/)
})

it.each([60, 80])('no line is wider than a terminal of %s columns', async (columns) => {
  const watched = await runInPty([...COMMAND], project.root, columns, { SHOP: url })
  const { screen, widest } = played(watched, columns)
  expect([watched.code, widest <= columns]).toEqual([0, true])
  expect(screen.text).toContain('a_report_with_a_')
  expect(screen.text).not.toContain('█')
  // Two commands, and the summary. The rows of the table are the same as before.
  expect(screen.rows.filter((row) => row.includes('built'))).toHaveLength(3)
})

it.each([{ TERM: 'dumb' }, { CI: 'true' }])('a terminal with %o gets a plain log', async (env) => {
  const { code, output } = await runInPty(['materialize', '--force', LONG_NAME], project.root, 80, {
    ...env,
    SHOP: url,
  })
  expect(code).toBe(0)
  expect(output).toContain('built      a_report_with_a_')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them is there
  expect(output).not.toMatch(/[\x00-\x09\x0b-\x1f]/)
})
