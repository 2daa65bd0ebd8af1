import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { REPOSITORY } from '../rig/cli.ts'

/** framework/SEMANTICS.md cites tests, and comments cite its rules: both must exist. */
const read = (file: string) => readFileSync(join(REPOSITORY, file), 'utf8')
const document = read('framework/SEMANTICS.md')

test('every test that SEMANTICS cites exists', () => {
  const missing: string[] = []
  let titles = 0
  for (const [, file = '', quoted = ''] of document.matchAll(
    /`((?:property|unit|contract|e2e|golden)\/[\w./-]+\.ts)`((?:[ ›,]*“[^”]+”)*)/g,
  )) {
    const path = `tests/${file}`
    const source = existsSync(join(REPOSITORY, path)) ? read(path).replaceAll("\\'", "'") : ''
    if (source === '') missing.push(path)
    for (const [, title = ''] of quoted.matchAll(/“([^”]+)”/g)) {
      titles++
      const isThere = ["'", '"', '`'].some((quote) => source.includes(quote + title + quote))
      if (!isThere) missing.push(`${path} › ${title}`)
    }
  }
  expect(missing).toEqual([])
  expect(titles).toBeGreaterThan(100)
})

test('every test and script that PROMISES names exists', () => {
  const promises = read('framework/PROMISES.md')
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const files = [...promises.matchAll(/`((?:property|unit|contract|e2e|golden)\/[\w./-]+)`/g)]
  const named = [...promises.matchAll(/npm run ([\w:]+)/g)]
  expect(files.length).toBeGreaterThan(20)
  expect([
    ...files.flatMap(([, file]) => (existsSync(join(REPOSITORY, 'tests', file!)) ? [] : [file])),
    ...named.flatMap(([, script]) => (scripts[script!] === undefined ? [script] : [])),
  ]).toEqual([])
})

test('every rule that a comment cites exists', () => {
  const rules = new Set(
    [...document.matchAll(/^(?:#### (\d+)\. |\*\*(\d+[a-z])\.\*\*)/gm)].map(
      ([, rule, part]) => rule ?? part,
    ),
  )
  const sources = ['framework', 'tests'].flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|md)$/.test(file))
      .map((file) => join(folder, file)),
  )
  const unknown = sources.flatMap((file) =>
    [...read(file).matchAll(/SEMANTICS (\d+[a-z]?(?:(?:, ?|–)\d+[a-z]?)*)/g)].flatMap(
      ([, cited = '']) =>
        cited.split(/, ?|–/).flatMap((rule) => (rules.has(rule) ? [] : [`${file}: ${rule}`])),
    ),
  )
  expect(unknown).toEqual([])
})
