import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { linkFault, realPlace, writtenFault } from '../../../framework/lib/real-place.ts'

let top: string
let root: string

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'assets-place-')))
  root = join(top, 'project')
  for (const folder of ['project/data/deep', 'project/.assets', 'share/deep']) {
    mkdirSync(join(top, folder), { recursive: true })
  }
  writeFileSync(join(root, 'data/a.csv'), '')
  const links = {
    same: 'data',
    twice: 'same/deep',
    up: 'data/deep/..',
    absolute: join(root, 'data'),
    'a.csv': 'data/a.csv',
    out: '../share',
    through: 'out/deep/..',
    gone: '../share/none/at/all',
    self: 'self',
    ping: 'pong',
    pong: 'ping',
    own: '.assets',
    back: '../project/data',
  }
  for (const [link, target] of Object.entries(links)) symlinkSync(target, join(root, link))
  symlinkSync('project', join(top, 'other'))
})
afterEach(() => rmSync(top, { recursive: true, force: true }))

const placeOf = (path: string) => realPlace(join(root, path)).replace(`${top}/`, '')

describe('the real place of a path', () => {
  test.each([
    'data/a.csv',
    'same/a.csv',
    'a.csv',
    'twice',
    'up/a.csv',
    'absolute/a.csv',
    'out/deep',
    'through/deep',
    'back/a.csv',
    '../other/same/a.csv',
  ])('%s is what the system says', (path) => {
    expect(realPlace(join(root, path))).toBe(realpathSync(join(root, path)))
  })

  test.each([
    ['same/new/b.csv', 'project/data/new/b.csv'],
    ['new/../same/b.csv', 'project/data/b.csv'],
    ['gone', 'share/none/at/all'],
    ['gone/b.csv', 'share/none/at/all/b.csv'],
    ['data/a.csv/b.csv', 'project/data/a.csv/b.csv'],
  ])('%s, which does not exist, is at %s', (path, place) => {
    expect(placeOf(path)).toBe(place)
  })

  test('of links that lead to each other is somewhere, at once', () => {
    for (const path of ['self/b.csv', 'ping/b.csv']) expect(placeOf(path)).toMatch(/b\.csv$/)
  })

  test('is the same with folders that were looked up before', () => {
    const known = new Map<string, string>()
    for (const path of ['same/a.csv', 'same/b.csv', 'out/deep/c', 'same/a.csv']) {
      expect(realPlace(join(root, path), known)).toBe(realPlace(join(root, path)))
    }
  })
})

describe('a link', () => {
  test.each(['data/a.csv', 'same/b.csv', 'up/b.csv', 'absolute/b.csv', 'back/b.csv', 'new/b.csv'])(
    'to a place in the project is followed: %s',
    (path) => {
      expect(linkFault(root, path, 'written')).toBeNull()
      expect(linkFault(root, path, 'inside')).toBeNull()
      // The project itself may be reached through a link.
      expect(linkFault(join(top, 'other'), path, 'written')).toBeNull()
    },
  )

  test.each([
    ['out/b.csv', 'out leads to <top>/share', '<top>/share/b.csv'],
    ['data/../out/b.csv', 'out leads to <top>/share', '<top>/share/b.csv'],
    ['through/b.csv', 'through leads to <top>/share', '<top>/share/b.csv'],
    ['gone', 'gone leads to <top>/share/none/at/all', '<top>/share/none/at/all'],
  ])('out of the project is refused: %s', (path, says, instead) => {
    const { message, hint } = linkFault(root, path, 'written')!
    expect(message.replaceAll(top, '<top>')).toBe(`must be in the project, but ${says}`)
    expect(hint.replaceAll(top, '<top>')).toBe(
      `for a file outside the project, write its absolute path: ${instead}`,
    )
    expect(linkFault(root, path, 'inside')).not.toBeNull()
    expect(linkFault(root, path, 'anywhere')).toBeNull()
  })

  test('may be on the way of an absolute path, unless it leads to files of assets', () => {
    expect(writtenFault(root, join(top, 'share/b.csv'))).toBeNull()
    expect(writtenFault(root, join(root, 'out/b.csv'))).toBeNull()
    expect(writtenFault(root, join(root, 'own/b.csv'))).not.toBeNull()
    expect(writtenFault(root, join(top, 'other/.assets/b.csv'))).not.toBeNull()
    expect(writtenFault(root, 'own/b.csv')).not.toBeNull()
    expect(writtenFault(root, '../b.csv')).not.toBeNull()
  })
})
