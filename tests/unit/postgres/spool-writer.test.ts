import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpoolWriter } from '../../../framework/connections/postgres/spool/spool-writer.ts'
import type { Spool } from '../../../framework/ports/warehouse.ts'
import { readSpool } from '../../rig/spool.ts'

describe('spool files', () => {
  let folder: string
  let done: Spool[]
  let writer: SpoolWriter

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assets-spools-'))
    done = []
    writer = new SpoolWriter(
      [{ name: 'x', type: 'text' }],
      (number) => join(folder, `${number}.parquet`),
      (spool) => done.push(spool),
    )
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function add(text: string): void {
    const chunk = writer.chunks[0]!
    const bytes = Buffer.from(text)
    chunk.reserve(4 + bytes.length)
    new DataView(chunk.bytes.buffer).setInt32(chunk.used, bytes.length, true)
    chunk.bytes.set(bytes, chunk.used + 4)
    chunk.used += 4 + bytes.length
    chunk.rows++
    writer.rowsAdded()
  }

  test('are passed on when they are large enough, and hold every row once', async () => {
    const megabytes = 'x'.repeat(3_000_000)
    for (let row = 0; row < 50; row++) {
      add(`${row} ${megabytes}`)
      await writer.ready()
    }
    expect(done.length).toBeGreaterThan(0)
    await writer.finish()
    const numbers: number[] = []
    for (const { path, largest } of done) {
      expect(statSync(path).size).toBeLessThan(80_000_000)
      expect(largest).toBeLessThan(20_000_000)
      const { rows } = await readSpool(path)
      numbers.push(...rows.map(([text]) => Number(text!.split(' ')[0])))
    }
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, row) => row))
  })

  test('wait for a slow disk', async () => {
    const block = 'x'.repeat(9_000_000)
    expect([add(block), writer.ready()]).toEqual([undefined, null])
    add(block)
    const wait = writer.ready()
    expect(wait).not.toBe(null)
    await wait
    expect(writer.ready()).toBe(null)
    await writer.finish()
  })

  test('report the largest row group', async () => {
    add('y')
    add('x'.repeat(30_000_000))
    await writer.finish()
    expect(done[0]!.largest).toBeGreaterThan(30_000_000)
    expect(done[0]!.largest).toBeLessThan(30_001_000)
  })

  test('are not created without rows', async () => {
    await writer.finish()
    expect([done, readdirSync(folder)]).toEqual([[], []])
  })

  test('that are abandoned are never passed on', async () => {
    add('x'.repeat(9_000_000))
    await writer.abandon()
    add('y')
    await writer.abandon()
    expect(done).toEqual([])
  })

  test('never overwrite a file', async () => {
    writeFileSync(join(folder, '0.parquet'), 'mine')
    add('x')
    await expect(writer.finish()).rejects.toMatchObject({ code: 'EEXIST' })
    expect(done).toEqual([])
  })

  test('that cannot be written reject the next call', async () => {
    writeFileSync(join(folder, '0.parquet'), 'mine')
    add('x'.repeat(9_000_000))
    add('x'.repeat(9_000_000))
    await expect(writer.ready()).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(writer.ready()).rejects.toMatchObject({ code: 'EEXIST' })
    await writer.abandon()
  })
})
