import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeFact } from '../../../framework/cli/verbs/doctor/tool-health.ts'
import { REPOSITORY } from '../../rig/cli.ts'

const BIN = join(REPOSITORY, 'framework/bin/assets')

/** Starts the command as if Node had another version. */
function startWith(node: string) {
  const script = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })
    process.argv.push('assets', '--version')
    require(${JSON.stringify(BIN)})`
  return spawnSync(process.execPath, ['--eval', script], { encoding: 'utf8' })
}

test.each(['18.20.8', '20.18.9'])('with Node %s the command says what it needs', (node) => {
  expect(startWith(node)).toMatchObject({
    status: 2,
    stdout: '',
    stderr: `assets needs Node 20.19 or newer; this is Node ${node}\n`,
  })
})

test.each(['20.19.0', '22.0.0'])('with Node %s the command starts', (node) => {
  expect(startWith(node)).toMatchObject({ status: 0, stderr: '' })
})

test('the package and doctor ask for the same Node', () => {
  const { engines } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    engines: { node: string }
  }
  expect(engines.node).toBe('>=20.19')
  expect(nodeFact('v20.18.9')).toMatchObject({
    state: 'bad',
    hint: 'install Node 20.19 or newer',
  })
})
