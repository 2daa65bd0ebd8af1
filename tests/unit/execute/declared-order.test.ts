import { expect, test } from 'vitest'
import { FakeProject } from '../../rig/fake-project.ts'

test('a step follows the inputs and gates of its call, through ephemerals', async () => {
  const project = new FakeProject()
    .add('seed')
    .ephemeral('part', ['seed'])
    .add('model', ['part'])
    .add('mart', ['model'])
    .check('gate', ['seed'])
    .check('warning', ['seed'], { severity: 'warn' })
  await project.materialize()
  expect(project.batches).toHaveLength(1)
  expect(Object.fromEntries(project.after)).toEqual({
    seed: [],
    gate: ['seed'],
    warning: ['seed'],
    model: ['gate', 'seed'],
    mart: ['model'],
  })
})

test('it follows nothing of another call, which is over', async () => {
  const project = new FakeProject()
    .add('seed')
    .add('script', ['seed'], { kind: 'command' })
    .add('model', ['seed', 'script'])
    .check('gate', ['seed'])
  await project.materialize()
  expect(project.batches).toEqual([['seed', 'gate'], ['script'], ['model']])
  expect(project.after.get('model')).toEqual([])
})
