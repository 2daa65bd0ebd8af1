import { describe, expect, test } from 'vitest'
import { type Machine, thisMachine, whyNoHyper } from '../../../framework/formats/hyper/platform.ts'
import { unavailableOn, writeProblem } from '../../../framework/formats/hyper/problems.ts'
import { contentStatement, createStatements } from '../../../framework/formats/hyper/statements.ts'

const machine = (platform: NodeJS.Platform, arch: string, isGlibc = true): Machine => ({
  ...{ platform, arch, isGlibc },
})

test.each([
  [machine('linux', 'x64'), null],
  [machine('darwin', 'arm64'), null],
  [machine('darwin', 'x64'), null],
  [machine('linux', 'arm64'), 'Linux on arm64'],
  [machine('linux', 'x64', false), 'musl'],
  [machine('win32', 'x64'), 'win32'],
  [machine('freebsd', 'x64'), 'freebsd'],
])('Hyper on %j: %j', (where, why) => {
  if (why === null) expect(unavailableOn(where)).toBeNull()
  else {
    expect(whyNoHyper(where)).toContain(why)
    expect(unavailableOn(where)).toMatchObject({
      code: 'hyper-unavailable',
      message: expect.stringContaining(why),
    })
  }
})

test('this machine is one of them', () => {
  expect(thisMachine()).toMatchObject({ platform: process.platform, arch: process.arch })
})

describe('names and paths in statements', () => {
  test('with quotes stay names and paths', () => {
    expect(createStatements(`/a'b.parquet`, '/c"d.hyper')).toEqual([
      'create database "/c""d.hyper"',
      'attach database "/c""d.hyper" as "file"',
      'create schema "file"."Extract"',
      `create table "file"."Extract"."Extract" as (select * from external('/a''b.parquet', format => 'parquet'))`,
      'detach database "file"',
    ])
    expect(contentStatement([{ name: 'a"b', type: 'text' }])).toContain('"a""b"::text')
  })
})

test.each([
  ['write error: No space left on device', 'disk-full'],
  ['error while reading Parquet file', 'hyper-failed'],
])('what Hyper says: %s', (text, code) => {
  expect(writeProblem(new Error(text)).code).toBe(code)
})
