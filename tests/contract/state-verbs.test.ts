import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

// `assets state check | backup | restore | prune`, and a state that is lost (SEMANTICS 49).

const YAML = `version: 1
project: shop
default_target: local
targets:
  local: {}
defaults: {kind: command}
assets:
  a: {run: "cp in.txt a.txt", outputs: [a.txt], deps: [in]}
  b: {run: "cp a.txt b.txt", outputs: [b.txt], deps: [a]}
  in: {kind: external, path: in.txt}
`
const STATE = '.assets/state.sqlite'

let desk: InProcessProject
const at = (file: string) => join(desk.root, file)
const verdicts = async (line: string) => {
  const { assets } = (await desk.json(line)) as {
    assets: readonly { readonly name: string; readonly verdict: string }[]
  }
  return Object.fromEntries(assets.map(({ name, verdict }) => [name, verdict]))
}
const ALL_FRESH = { a: 'fresh', b: 'fresh', in: 'fresh' }
const runs = async () =>
  ((await desk.json('runs --json')) as { runs: readonly { run: number; command: string }[] }).runs

async function build(line: string): Promise<void> {
  const said = await desk.show(line)
  if (/^exit \d+$/m.test(said)) throw new Error(said)
}

beforeEach(async () => {
  desk = new InProcessProject({ 'assets.yaml': YAML, 'in.txt': '1' })
  await build('materialize')
})
afterEach(() => desk.remove())

function sql(text: string, file = STATE): void {
  const database = new DatabaseSync(at(file))
  database.exec(text)
  database.close()
}

/** Removes the files of the database. Another one in their place has another inode. */
function removeState(): void {
  for (const part of ['', '-wal', '-shm']) rmSync(at(STATE + part), { force: true })
}

test('the main file alone is a backup after each command', async () => {
  mkdirSync(at('copy'))
  copyFileSync(at(STATE), at('copy/state.sqlite'))
  rmSync(at('.assets'), { recursive: true })
  mkdirSync(at('.assets'))
  copyFileSync(at('copy/state.sqlite'), at(STATE))
  expect(await verdicts('status --json')).toEqual(ALL_FRESH)
  expect(await desk.show('runs')).toContain('materialize')
})

describe('a state that is lost', () => {
  const lost = 'was lost: it has no run, and the last run here was run 1'

  test.each([
    ['missing', () => {}],
    ['empty', () => writeFileSync(at(STATE), '')],
  ])('and %s is reported by each command until a run', async (_, lose) => {
    removeState()
    lose()
    for (const line of ['status', 'status', 'runs']) {
      const said = await desk.show(line)
      expect(said).toContain(lost)
      expect(said).toContain('assets state restore FILE')
      expect(said).toContain('--adopt')
    }
    expect(await verdicts('status --json')).toEqual({ a: 'stale', b: 'stale', in: 'fresh' })
    await build('materialize')
    expect(await desk.show('status')).not.toContain('was lost')
  })

  test.each([1, 100, 511])('and has %i bytes is damage', async (bytes) => {
    removeState()
    writeFileSync(at(STATE), 'x'.repeat(bytes))
    const said = await desk.show('status')
    expect(said).toContain(`is damaged or is not a SQLite database\n    the file has ${bytes} of`)
    expect(said).toContain('exit 1')
    expect(readFileSync(at(STATE), 'utf8')).toBe('x'.repeat(bytes))
  })

  test('is not reported where nothing was ever built', async () => {
    rmSync(at('.assets'), { recursive: true })
    expect(await desk.show('status')).not.toContain('was lost')
    removeState()
    // A command that was killed as it created the file left it empty.
    writeFileSync(at(STATE), '')
    expect(await desk.show('status')).not.toContain('was lost')
  })
})

describe('state check', () => {
  test('reads every row', async () => {
    const { rows, damage } = (await desk.json('state check --json')) as {
      rows: Record<string, number>
      damage: unknown
    }
    expect(damage).toEqual([])
    expect(rows).toMatchObject({ runs: 1, steps: 2, records: 2, observed: 1 })
  })

  test.each([
    [
      `update records set body = replace(body, 'a.txt', 'b.txt') where name = 'a'`,
      'a in table records',
    ],
    [`update steps set body = '{'`, '1 a in table steps'],
    [`update runs set started_at = 'x'`, '1 in table runs'],
    [`update durations set seconds = 'x'`, 'a in table durations'],
    [`delete from runs`, '1 in table steps'],
    [`drop table gates`, 'table gates'],
    [`update records set written_by = 99, seal = null`, 'a in table records'],
  ])('finds the damage of: %s', async (text, place) => {
    sql(text)
    const { damage } = (await desk.json('state check --json', 1)) as {
      damage: readonly { place: string }[]
    }
    expect(damage.map((one) => one.place)).toContain(place)
    expect(await desk.show('state check')).toContain(`  ${place}: `)
  })

  test('finds a row that the index hides', async () => {
    const database = new DatabaseSync(at(STATE))
    const { rootpage } = database
      .prepare(`select rootpage from sqlite_schema where name = 'runs_of_target'`)
      .get() as { rootpage: number }
    database.close()
    const bytes = readFileSync(at(STATE))
    bytes.writeUInt16BE(0, (rootpage - 1) * 4096 + 3)
    writeFileSync(at(STATE), bytes)
    expect(await desk.show('state check')).toContain('the database: ')
  })

  test('says what is wrong with a file that is no state, and leaves a backup as it is', async () => {
    desk.write('x.sqlite', 'no database at all')
    expect(await desk.show('state check x.sqlite')).toContain('x.sqlite is damaged')
    await desk.json('state backup b.sqlite --json')
    const before = readFileSync(at('b.sqlite'))
    expect(await desk.show('state check b.sqlite')).toContain('b.sqlite is intact')
    expect(readFileSync(at('b.sqlite')).equals(before)).toBe(true)
    expect(readdirSync(at('.')).filter((file) => file.startsWith('b.sqlite'))).toEqual(['b.sqlite'])
  })
})

describe('state backup', () => {
  test('is whole while another process writes', async () => {
    const writer = new DatabaseSync(at(STATE))
    writer.exec(`begin immediate; delete from records`)
    await desk.json('state backup b.sqlite --json')
    writer.exec('commit')
    writer.close()
    const read = new DatabaseSync(at('b.sqlite'))
    expect(read.prepare('select count(*) as n from records').get()).toEqual({ n: 2 })
    read.close()
  })

  test('does not replace a file that exists without --replace, and never the state', async () => {
    desk.write('b.sqlite', 'mine')
    expect(await desk.show('state backup b.sqlite')).toContain('add --replace')
    expect(readFileSync(at('b.sqlite'), 'utf8')).toBe('mine')
    await desk.json('state backup b.sqlite --replace --json')
    expect(await desk.show('state check b.sqlite')).toContain('is intact')
    expect(await desk.show(`state backup ${STATE} --replace`)).toContain('is already the `state:`')
  })

  test('of a damaged state is refused, and leaves nothing', async () => {
    sql(`update records set body = replace(body, 'a.txt', 'b.txt')`)
    const said = await desk.show('state backup b.sqlite')
    expect(said).toContain('a in table records: its checksum is wrong')
    expect(readdirSync(at('.')).filter((file) => file.startsWith('b.sqlite'))).toEqual([])
  })

  test('has a name with the time by default', async () => {
    const { file } = (await desk.json('state backup --json')) as { file: string }
    expect(file).toMatch(/^state-2026-.*\.sqlite$/)
    expect(existsSync(at(file))).toBe(true)
  })
})

describe('state restore', () => {
  test('nothing is fresh before it was observed, and what was built since has drifted', async () => {
    await desk.json('state backup b.sqlite --json')
    desk.write('in.txt', '2')
    await build('materialize')
    await desk.json('state restore b.sqlite --json')
    desk.write('in.txt', '1')
    // By the records alone everything is as it was built: `in` has its old content again.
    expect(await verdicts('status --offline --json')).toMatchObject({ a: 'stale', b: 'stale' })
    expect(await verdicts('status --json')).toMatchObject({ a: 'stale', b: 'stale' })
    await build('materialize')
    expect(readFileSync(at('b.txt'), 'utf8')).toBe('1')
    expect(await verdicts('status --offline --json')).toEqual(ALL_FRESH)
  })

  test('what was not built since is fresh after one look', async () => {
    await desk.json('state backup b.sqlite --json')
    await desk.json('state restore b.sqlite --json')
    expect(await verdicts('status --json')).toEqual(ALL_FRESH)
    expect(await verdicts('status --offline --json')).toEqual(ALL_FRESH)
  })

  test('numbers of runs are not used again', async () => {
    await desk.json('state backup b.sqlite --json')
    for (const _ of [2, 3]) await build('materialize --force')
    await desk.json('state restore b.sqlite --json')
    await build('materialize')
    expect((await runs()).map(({ run }) => run)).toEqual([5, 4, 1])
  })

  test('into a new state, numbers go on after those of the backup', async () => {
    for (const _ of [2, 3]) await build('materialize --force')
    await desk.json('state backup b.sqlite --json')
    rmSync(at('.assets'), { recursive: true })
    await build('materialize')
    await desk.json('state restore b.sqlite --json')
    expect((await runs()).map(({ run }) => run)).toEqual([4, 3, 2, 1])
  })

  test('the state from before is kept, and can be restored', async () => {
    await desk.json('state backup b.sqlite --json')
    desk.write('in.txt', '2')
    await build('materialize')
    const { kept } = (await desk.json('state restore b.sqlite --json')) as { kept: string }
    await desk.json(`state restore ${kept} --json`)
    expect(await verdicts('status --json')).toEqual(ALL_FRESH)
  })

  test.each([
    ['flipped', () => sql(`update journal set at = 1; update records set version = 'x'`)],
    ['without a table', () => sql('drop table records')],
    ['no database', () => writeFileSync(at(STATE), 'x')],
  ])('a damaged state (%s) is set aside', async (_, spoil) => {
    await desk.json('state backup b.sqlite --json')
    spoil()
    const { kept } = (await desk.json('state restore b.sqlite --json')) as { kept: string }
    expect(existsSync(kept)).toBe(true)
    expect(await verdicts('status --json')).toEqual(ALL_FRESH)
    expect(await desk.show('state check')).toContain('is intact')
  })

  test('a damaged backup is refused, and the state stays', async () => {
    await desk.json('state backup b.sqlite --json')
    sql(`update records set body = replace(body, 'a.txt', 'b.txt')`, 'b.sqlite')
    const said = await desk.show('state restore b.sqlite')
    expect(said).toContain('the backup b.sqlite is damaged; nothing was restored')
    expect(await verdicts('status --json')).toEqual(ALL_FRESH)
    expect(await desk.show('state restore nowhere.sqlite')).toContain('does not exist')
    expect(await desk.show(`state restore ${STATE}`)).toContain('is already the `state:`')
  })

  test('a run that is alive keeps its state', async () => {
    await desk.json('state backup b.sqlite --json')
    const { pid } = process
    const started = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')[19]!
    const realm = [
      (await import('node:os')).hostname(),
      readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      (await import('node:fs')).readlinkSync('/proc/self/ns/pid'),
    ].join(' ')
    sql(
      `insert into leases (target, run, host, realm, pid, started, since, heartbeat)
       values ('local', 1, 'h', '${realm}', ${pid}, '${started}', 1, 1)`,
    )
    const said = await desk.show('state restore b.sqlite')
    expect(said).toContain('run 1 is building target local')
    expect(said).toContain('exit')
    expect(await runs()).toHaveLength(1)
  })
})

describe('state prune', () => {
  /** Twice as many runs as are kept, half of them a year old. */
  function fill(): void {
    const day = 86_400_000
    const start = Date.UTC(2026, 2, 2)
    const rows = Array.from({ length: 300 }, (_, n) => {
      const at = start - (n < 150 ? 365 : 1) * day
      return `(${n + 10}, 'local', 'materialize', ${at}, ${at}, 'succeeded', '{}')`
    })
    sql(
      `insert into runs (id, target, command, started_at, finished_at, outcome, counts) values ${rows.join(', ')}`,
    )
    sql(
      `insert into steps (run, name, finished_at, outcome, body) values (10, 'a', 1, 'built', '{}')`,
    )
  }

  test('deletes old runs with their steps, and no record', async () => {
    fill()
    const dry = await desk.json('state prune --dry-run --json')
    expect(dry).toMatchObject({ runs: 150, steps: 1, dry_run: true })
    expect(await desk.json('state prune --older-than 400d --json')).toMatchObject({ runs: 0 })
    expect(await desk.json('state prune --json')).toMatchObject({ runs: 150, steps: 1 })
    expect(await desk.json('state prune --json')).toMatchObject({ runs: 0, steps: 0 })
    expect(await verdicts('status --json')).toEqual(ALL_FRESH)
  })

  test('keeps the newest hundred, whatever the age', async () => {
    fill()
    expect(await desk.json('state prune --older-than 0s --json')).toMatchObject({ runs: 201 })
    expect(await desk.json('state prune --older-than 0s --json')).toMatchObject({ runs: 0 })
  })

  test('the end of a run does the same, as `history:` of the state says', async () => {
    fill()
    desk.write(
      'assets.yaml',
      YAML.replace('local: {}', 'local: {state: {type: sqlite, history: 400d}}'),
    )
    await build('materialize --force')
    expect(await desk.json('state prune --dry-run --json')).toMatchObject({ runs: 0 })
    desk.write('assets.yaml', YAML)
    await build('materialize --force')
    expect(await desk.json('state prune --dry-run --json')).toMatchObject({ runs: 0 })
    expect(await runs()).not.toContainEqual(expect.objectContaining({ run: 10 }))
  })
})
