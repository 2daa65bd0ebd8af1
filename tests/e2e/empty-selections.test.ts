import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

// A filter that matches nothing is a mistake, unless it asks for a state that nothing has at the moment.

const YAML = `version: 1
project: shop
jobs:
  nightly: {select: "group:mart"}
  all: {select: "group:marts"}
assets:
  a: {kind: command, group: marts, run: "echo 1 > a.txt", outputs: [a.txt]}
  b: {kind: command, group: marts, tags: [daily], deps: [a], run: "cp a.txt b.txt", outputs: [b.txt]}
`
const project = new InProcessProject({ 'assets.yaml': YAML })
afterAll(() => project.remove())

describe.each([
  ['materialize group:mart', 'did you mean group:marts?'],
  ['materialize tag:dialy --dry-run', 'did you mean tag:daily?'],
  ['status kind:comand', 'did you mean kind:command?'],
  ['list tag:hourly', 'there is only tag:daily'],
  ['plan a,tag:daily', 'the selection matches no assets'],
  ['run nightly', 'did you mean group:marts?'],
  ['check', 'did you mean group:marts?'],
])('assets %s', (line, text) => {
  test('exits with 2, and says what there is', async () => {
    const said = await project.show(line)
    expect(said).toContain(text)
    expect(said).toMatch(/exit 2$/)
    expect(existsSync(join(project.root, 'a.txt'))).toBe(false)
  })
})

test('a part that matches nothing is a warning', async () => {
  const said = await project.show('list a tag:hourly')
  expect(said).toContain('warning  tag:hourly matches nothing')
  expect(said).not.toContain('exit')
})

test('a state that nothing has at the moment is no mistake', async () => {
  await project.show('materialize')
  for (const line of ['materialize state:stale', 'list state:stale', 'status result:failed']) {
    expect([line, await project.show(line)]).toEqual([line, expect.not.stringContaining('exit')])
  }
})
