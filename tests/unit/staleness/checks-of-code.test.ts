import { expect, test } from 'vitest'
import { FakeProject } from '../../rig/fake-project.ts'

test('a check of code only stays fresh when the data of its input changes', async () => {
  const project = new FakeProject().raw('raw').add('film', ['raw'])
  project.check('unit', ['film'], { codeOnly: true })
  await project.materialize()
  project.change('raw', { source: 'more rows' })
  expect((await project.materialize()).steps).toEqual(['raw: built', 'film: built'])
  expect((await project.status()).get('unit')).toEqual({ state: 'fresh' })
  project.checks.get('unit')!.code = 'other code'
  expect((await project.status()).get('unit')).toMatchObject({ state: 'stale' })
})
