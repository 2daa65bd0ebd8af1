import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StreamColumn } from '../../../framework/ports/warehouse.ts'
import { writeSpool } from '../../rig/spool.ts'
import { duckdbIn } from './duckdb.ts'
import { must } from './warehouse.ts'

// A process that a test kills. It loads generations of one table in an endless loop, each with
// 20,000 rows in two spools, and prints each step to stdout.

const root = process.argv[2]!
const say = (text: string) => appendFileSync(1, `${text}\n`)
const rows = (generation: number, from: number) =>
  Array.from({ length: 10_000 }, (_, at) => [`${from + at}`, `${generation}`])
const columns: StreamColumn[] = ['id', 'generation'].map((name) => ({
  name,
  type: { type: 'integer', bits: 64 },
}))

const session = must(await duckdbIn(root).open())
for (let generation = 1; ; generation++) {
  async function* spools() {
    for (const part of [0, 1]) {
      const path = join(root, `spool-${part}.parquet`)
      yield await writeSpool(path, columns, rows(generation, part * 10_000))
      say(`read ${part} of ${generation}`)
    }
  }
  must(
    await session.loader!.load({
      relation: 'raw.thing',
      columns,
      spools: spools(),
      mode: generation % 2 === 0 ? { how: 'merge', key: ['id'] } : { how: 'replace' },
      extractedAt: 0,
      syncId: generation,
      generationId: generation,
      volatile: [],
    }),
  )
  say(`loaded ${generation}`)
}
