import { expect, test } from 'vitest'
import { FakeProject } from '../../rig/fake-project.ts'

const HOUR = 3_600_000

test('a raw table whose probe proves no change does not expire', async () => {
  const project = new FakeProject().raw('raw')
  project.policy('raw', { freshness: { maxAge: HOUR } })
  await project.materialize()
  project.now += 2 * HOUR
  expect((await project.status()).get('raw')).toEqual({ state: 'fresh' })
})

test('an incremental asset whose content cannot be read is built in full', async () => {
  const project = new FakeProject().raw('raw').add('log', ['raw'], { accumulates: 'incremental' })
  await project.materialize()
  const builds: (readonly [name: string, full: boolean])[] = []
  project.onBuild = (name, full) => builds.push([name, full])
  project.change('raw', { source: 'more rows' })
  await project.materialize()
  project.change('log', { unreadable: true })
  await project.materialize(['log'])
  expect(builds).toEqual([
    ['raw', true],
    ['log', false],
    ['log', true],
  ])
})
