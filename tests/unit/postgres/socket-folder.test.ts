import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  makeSocketFolder,
  removeSocketFolder,
} from '../../../framework/connections/postgres/embedded/socket-folder.ts'

let home: string
let note: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'socket-note-'))
  note = join(home, 'shop.socket')
})
afterEach(() => rmSync(home, { recursive: true }))

test('the folder of a source that was killed is removed by the next one', () => {
  const first = makeSocketFolder(note)
  const second = makeSocketFolder(note)
  expect([existsSync(first), existsSync(second)]).toEqual([false, true])
  removeSocketFolder(note)
  expect([existsSync(second), existsSync(note)]).toEqual([false, false])
})

test('a damaged note removes nothing', () => {
  for (const text of [home, '', '/', join(tmpdir(), 'assets-x/../y')]) {
    writeFileSync(note, text)
    removeSocketFolder(note)
    expect(existsSync(home)).toBe(true)
  }
})
