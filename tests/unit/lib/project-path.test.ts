import { describe, expect, test } from 'vitest'
import { type PathRule, pathFault } from '../../../framework/lib/project-path.ts'

const RULES: readonly PathRule[] = ['inside', 'written', 'anywhere']
/** The rules that refuse a path. */
const refusing = (path: string) => RULES.filter((rule) => pathFault(path, rule) !== null)

describe('a path', () => {
  test.each([
    ['out/a.csv', []],
    ['./a.csv', []],
    ['a/../a.csv', []],
    ['a/..b/c.csv', []],
    ['..a.csv', []],
    [`${'é'.repeat(127)}.`, []],
    ['a b/*.csv', []],
    ['/srv/a.csv', ['inside']],
    ['../a.csv', ['inside', 'written']],
    ['..', ['inside', 'written']],
    ['a/../../a.csv', ['inside', 'written']],
    ['./../a.csv', ['inside', 'written']],
    ['a\\b.csv', ['inside']],
    ['.assets', ['written']],
    ['.assets/a.csv', ['written']],
    ['a/../.assets/a.csv', ['written']],
    ['.assets.csv', []],
    ['a/.assets/b.csv', []],
    ['a.csv.assets-tmp', ['written']],
    ['/srv/a.csv.assets-tmp', ['inside', 'written']],
    ['~/a.csv', RULES],
    ['~', RULES],
    ['~a.csv', []],
    ['s3://bucket/a.csv', RULES],
    ['a\0.csv', RULES],
    ['a\n.csv', RULES],
    ['a\u0085.csv', RULES],
    [`${'é'.repeat(128)}`, RULES],
    [`a/${'x'.repeat(256)}/b`, RULES],
    ['a/'.repeat(2_048), RULES],
  ])('%j is refused by %j', (path, rules) => {
    expect(refusing(path)).toEqual(rules)
  })

  test('that is refused says what to type, and is not quoted', () => {
    for (const path of ['../a', `${'x'.repeat(65_000)}`, 'a\0', 's3://b/c', '~/a', '.assets/a']) {
      const { message, hint } = pathFault(path, 'written')!
      expect(message).toMatch(/^(must|has|is) /)
      expect(`${message}${hint}`.length).toBeLessThan(200)
    }
  })
})
