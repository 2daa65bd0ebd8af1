import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  fileErrorCode,
  isTooManyFiles,
  whyUnreadable,
  whyUnwritable,
} from '../../../framework/lib/file-refusal.ts'
import { failure } from '../../rig/problem-text.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assets-refused-'))
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'sub'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const refused = (code: string, syscall = 'open') => failure(`${code}: no`, { code, syscall })
const reasonFor = (path: string, error: unknown) =>
  whyUnwritable(join(folder, path), error).reason.replaceAll(folder, '<folder>')

describe('why a file can not be written', () => {
  test.each([
    ['file/a', refused('ENOTDIR'), '<folder>/file is a file, not a folder'],
    ['file/a/b', refused('EEXIST', 'mkdir'), '<folder>/file is a file, not a folder'],
    ['file', refused('EEXIST', 'mkdir'), '<folder>/file is a file, not a folder'],
    ['sub', refused('EISDIR', 'rename'), '<folder>/sub is a folder'],
    ['a', refused('ENOSPC', 'write'), 'the disk is full'],
    ['a', refused('EDQUOT', 'write'), 'the disk quota is used up'],
    ['a', refused('ENAMETOOLONG'), 'its path is too long'],
    ['a', refused('ELOOP'), 'its links lead in a circle'],
    ['a', refused('EMFILE'), 'too many open files'],
    ['a', new Error('IO Error: Too many open files'), 'too many open files'],
    ['a', new Error('something else'), 'something else'],
  ])('%s: %s', (path, error, reason) => {
    expect(reasonFor(path, error)).toBe(reason)
  })

  test('says what else helps', () => {
    const { hint } = whyUnwritable(join(folder, 'sub'), refused('EISDIR'), 'change `to:`')
    expect(hint).toBe('move it away, or change `to:`')
  })
})

test('a file that can be read, or does not exist, has no reason', () => {
  for (const path of ['file', 'sub', 'nothing', 'file/nothing']) {
    expect(whyUnreadable(join(folder, path))).toBeNull()
  }
})

test('only errors of the system have a code', () => {
  expect(fileErrorCode(refused('EACCES'))).toBe('EACCES')
  expect(fileErrorCode(failure('x', { code: 'ERR_INVALID_ARG_TYPE' }))).toBeNull()
  for (const other of [new Error('x'), 'EACCES', null, undefined]) {
    expect(fileErrorCode(other)).toBeNull()
    expect(isTooManyFiles(other)).toBe(false)
  }
})
