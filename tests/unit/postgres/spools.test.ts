import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpoolWriter } from '../../../framework/connections/postgres/spool-writer.ts'

describe('spool files', () => {
  let folder: string
  let done: string[]
  let writer: SpoolWriter

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assets-spools-'))
    done = []
    writer = new SpoolWriter(
      (number) => join(folder, `${number}.csv`),
      (path) => done.push(path),
    )
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('end with a row once they are large enough', async () => {
    const half = Buffer.alloc(40 * 1024 * 1024, 'x')
    await writer.write(half, true)
    await writer.write(half, false)
    expect(done).toEqual([])
    await writer.write(Buffer.from('y\n'), true)
    expect(done).toEqual([join(folder, '0.csv')])
    await writer.write(Buffer.from('z\n'), true)
    await writer.finish()
    expect(done.map((path) => statSync(path).size)).toEqual([2 * half.length + 2, 2])
    expect(readFileSync(done[1]!, 'utf8')).toBe('z\n')
  })

  test('are not made for nothing', async () => {
    await writer.write(Buffer.alloc(0), true)
    await writer.finish()
    expect([done, readdirSync(folder)]).toEqual([[], []])
  })

  test('that are abandoned are never handed over', async () => {
    await writer.write(Buffer.from('x\n'), true)
    await writer.abandon()
    await writer.finish()
    expect(done).toEqual([])
  })

  test('never overwrite what is there', async () => {
    writeFileSync(join(folder, '0.csv'), 'mine')
    await expect(writer.write(Buffer.from('x\n'), true)).rejects.toMatchObject({ code: 'EEXIST' })
  })
})
