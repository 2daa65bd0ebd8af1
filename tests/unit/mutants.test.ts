import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MUTANTS } from '../mutants/list.ts'
import { REPOSITORY } from '../rig/cli.ts'

test('each text that a mutant replaces occurs once in its file', () => {
  const others = MUTANTS.flatMap(({ name, file, edits }) => {
    const text = readFileSync(join(REPOSITORY, file), 'utf8')
    return edits.filter(({ find }) => text.split(find).length !== 2).map(() => name)
  })
  expect(others).toEqual([])
})
