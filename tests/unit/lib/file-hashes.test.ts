import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileHashes, type KnownFileHashes } from '../../../framework/lib/file-hashes.ts'
import { sha256 } from '../../../framework/lib/hash.ts'

describe('hashes of files', () => {
  let root: string
  const later = Date.now() + 60_000
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'assets-files-'))
    writeFileSync(join(root, 'a.sql'), 'one')
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test('a file, a missing file and a folder', () => {
    const files = new FileHashes(root, {}, later)
    expect([files.of('a.sql'), files.of('b.sql'), files.of('.')]).toEqual([
      sha256('one'),
      'absent',
      'absent',
    ])
  })

  test('an unchanged file is not read again', () => {
    const first = new FileHashes(root, {}, later)
    first.of('a.sql')
    const { memo, changed } = first.memo()
    expect(changed).toBe(true)
    const marked: KnownFileHashes = { 'a.sql': [memo['a.sql']![0], 'remembered'] }
    const second = new FileHashes(root, marked, later)
    expect(second.of('a.sql')).toBe('remembered')
    expect(second.memo().changed).toBe(false)
  })

  test('other content of equal size and modification time is detected', () => {
    const first = new FileHashes(root, {}, later)
    first.of('a.sql')
    const { memo } = first.memo()
    const { atime, mtime } = { atime: new Date(0), mtime: new Date(0) }
    utimesSync(join(root, 'a.sql'), atime, mtime)
    writeFileSync(join(root, 'a.sql'), 'two')
    utimesSync(join(root, 'a.sql'), atime, mtime)
    expect(new FileHashes(root, memo, later).of('a.sql')).toBe(sha256('two'))
  })

  test('a file changed a moment ago is not remembered: it may change within one clock tick', () => {
    const files = new FileHashes(root, {}, Date.now())
    files.of('a.sql')
    expect(files.memo().memo).toEqual({})
  })

  test('a file that changed in the future is read, whatever is remembered', () => {
    const first = new FileHashes(root, {}, later)
    first.of('a.sql')
    const { memo } = first.memo()
    const marked: KnownFileHashes = { 'a.sql': [memo['a.sql']![0], 'remembered'] }
    expect(new FileHashes(root, marked, later).of('a.sql')).toBe('remembered')
    // The clock was set back by a day.
    const files = new FileHashes(root, marked, Date.now() - 86_400_000)
    expect(files.of('a.sql')).toBe(sha256('one'))
    expect(files.memo().memo).toEqual({})
  })

  test('files below a folder, through links, sorted', () => {
    symlinkSync('a.sql', join(root, 'b.sql'))
    symlinkSync(join(root, 'gone'), join(root, 'c.sql'))
    const files = new FileHashes(root, {}, later)
    expect(files.below('.')).toEqual(['a.sql', 'b.sql', 'c.sql'])
    expect(files.of('b.sql')).toBe(sha256('one'))
    expect(files.below('nowhere')).toEqual([])
  })

  test('a link that leads to itself is a file, and one that leads back is followed once', () => {
    // dbt links a package of `local: ../` to the folder that holds the project.
    mkdirSync(join(root, 'project/packages'), { recursive: true })
    mkdirSync(join(root, 'other'))
    writeFileSync(join(root, 'other/d.sql'), 'four')
    symlinkSync('../..', join(root, 'project/packages/parent'))
    symlinkSync('../project', join(root, 'other/back'))
    symlinkSync('itself', join(root, 'itself'))
    const files = new FileHashes(root, {}, later)
    expect(files.below('project')).toEqual([
      'project/packages/parent/a.sql',
      'project/packages/parent/itself',
      'project/packages/parent/other/back/packages/parent',
      'project/packages/parent/other/d.sql',
      'project/packages/parent/project/packages/parent',
    ])
    expect(files.of('itself')).toBe('absent')
    expect(files.foldersIn('project/packages')).toEqual(['project/packages/parent'])
    expect(files.foldersIn('nowhere')).toEqual([])
  })
})
