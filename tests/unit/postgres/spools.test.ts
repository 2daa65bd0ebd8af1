import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpoolWriter } from '../../../framework/connections/postgres/spool-writer.ts'
import type { Spool } from '../../../framework/ports/warehouse.ts'

describe('spool files', () => {
  let folder: string
  let done: Spool[]
  let writer: SpoolWriter

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assets-spools-'))
    done = []
    writer = new SpoolWriter(
      (number) => join(folder, `${number}.rows`),
      (spool) => done.push(spool),
    )
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('end with a row once they are large enough', async () => {
    const half = Buffer.alloc(40 * 1024 * 1024, 'x')
    await writer.write(half, true, 7)
    await writer.write(half, false, half.length + 2)
    expect(done).toEqual([])
    await writer.write(Buffer.from('y\n'), true, 0)
    const first = { path: join(folder, '0.rows'), longest: half.length + 2 }
    expect(done).toEqual([first])
    await writer.write(Buffer.from('z\n'), true, 2)
    await writer.finish()
    expect(done[1]).toEqual({ path: join(folder, '1.rows'), longest: 2 })
    expect(done.map(({ path }) => statSync(path).size)).toEqual([2 * half.length + 2, 2])
    expect(readFileSync(done[1]!.path, 'utf8')).toBe('z\n')
  })

  test('are not made for nothing', async () => {
    await writer.write(Buffer.alloc(0), true, 0)
    await writer.finish()
    expect([done, readdirSync(folder)]).toEqual([[], []])
  })

  test('that are abandoned are never handed over', async () => {
    await writer.write(Buffer.from('x\n'), true, 2)
    await writer.abandon()
    await writer.finish()
    expect(done).toEqual([])
  })

  test('never overwrite what is there', async () => {
    writeFileSync(join(folder, '0.rows'), 'mine')
    await expect(writer.write(Buffer.from('x\n'), true, 2)).rejects.toMatchObject({
      code: 'EEXIST',
    })
  })
})
