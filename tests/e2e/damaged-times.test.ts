import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sealOf } from '../../framework/state/sealed-rows.ts'
import { storedColumns, type TableName, tableOf } from '../../framework/state/tables.ts'
import { InProcessProject } from '../rig/in-process.ts'

let desk: InProcessProject
beforeEach(async () => {
  desk = new InProcessProject({
    'assets.yaml': `version: 1
project: shop
assets:
  orders: {kind: external, path: orders.csv}
  days: {kind: command, deps: [orders], run: "cat orders.csv > days.txt", outputs: [days.txt]}
`,
    'orders.csv': 'mon\n',
  })
  await desk.show('materialize')
})
afterEach(() => desk.remove())

function edit(change: (database: InstanceType<typeof DatabaseSync>) => void): void {
  const database = new DatabaseSync(join(desk.root, '.assets/state.sqlite'))
  change(database)
  database.close()
}

/** Replaces times in the JSON of all rows, each with the checksum of its new text. */
function editBodies(name: TableName, time: string): void {
  edit((database) => {
    const columns = storedColumns(tableOf(name))
    const rows = database.prepare(`select ${columns.join(', ')} from ${name}`).all() as Record<
      string,
      string | number | null
    >[]
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) {
      const body = String(row.body).replaceAll(/\b1772\d{9}\b/g, time)
      expect(body).not.toBe(row.body)
      const values = columns.slice(0, -1).map((column) => (column === 'body' ? body : row[column]!))
      const sql = `update ${name} set body = ?, ${columns.at(-1)} = ? where name = ?`
      database.prepare(sql).run(body, sealOf(name, values), String(row.name))
    }
  })
}

const VERBS = ['runs', 'runs 1', 'status', 'status --offline', 'why days', 'savings', 'plan']
const TIMES = ['null', '"yesterday"', '1e300', '-1e300', '1e999']

async function isSound(): Promise<readonly string[]> {
  const damaged: string[] = []
  for (const verb of VERBS) {
    for (const line of [verb, `${verb} --json`]) {
      const shown = await desk.show(line)
      expect(shown, line).not.toMatch(/NaN|Invalid (?:Date|time)|RangeError|this is a bug/)
      if (/damaged|state-corrupted/.test(shown)) damaged.push(line)
    }
  }
  return damaged
}

test.each(TIMES)('a run that began or ended at %s is damage', async (time) => {
  const value = time === 'null' ? '0' : time === '"yesterday"' ? "'yesterday'" : time
  edit((database) => database.exec(`update runs set started_at = ${value}, finished_at = ${value}`))
  const damaged = await isSound()
  if (time !== 'null') expect(damaged).toEqual(expect.arrayContaining(['runs', 'runs 1 --json']))
})

test.each(TIMES)('a step that began at %s is damage', async (time) => {
  editBodies('steps', time)
  expect(await isSound()).toEqual(expect.arrayContaining(['runs 1', 'runs 1 --json']))
})

test.each(TIMES)('a record of a build at %s is damage', async (time) => {
  editBodies('records', time)
  expect(await isSound()).toEqual(expect.arrayContaining(['status', 'why days --json']))
})

test.each(TIMES)('an observation at %s is damage', async (time) => {
  editBodies('observed', time)
  await isSound()
})

test.each(["'long'", '1e999', '-5'])('a step that took %s has no estimate', async (seconds) => {
  edit((database) => database.exec(`update durations set seconds = ${seconds}`))
  desk.write('orders.csv', 'tue\n')
  expect(await isSound()).toEqual([])
})
