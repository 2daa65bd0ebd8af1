import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { calledAs } from '../../../framework/cli/called-as.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'assets-called-')))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A folder of the machine that these tests pretend to have. */
function folder(path: string): string {
  mkdirSync(join(root, path), { recursive: true })
  return join(root, path)
}

const shop = folder('shop')
const local = folder('shop/node_modules/assets')
const clone = folder('clone')
const globally = folder('usr/lib/node_modules/assets')
const cached = folder('home/.npm/_npx/d86f8c0b1040e42b/node_modules/assets')

/** The variables that npm sets for `npx` and `npm exec` in a project. */
const npx = (project: string, more: Record<string, string> = {}) => ({
  npm_command: 'exec',
  npm_lifecycle_event: 'npx',
  npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64 workspaces/false',
  npm_config_local_prefix: project,
  npm_config_global_prefix: join(root, 'usr'),
  ...more,
})
const script = (project: string) =>
  npx(project, { npm_command: 'run', npm_lifecycle_event: 'build' })

test('without npm it is assets', () => {
  expect(calledAs({ PATH: '/usr/bin' }, globally)).toBe('assets')
  expect(calledAs({ PATH: '/usr/bin' }, local)).toBe('assets')
})

test('npx finds the package that is installed for the project', () => {
  expect(calledAs(npx(shop), local)).toBe('npx assets')
})

test('npx finds the package that is installed above the project', () => {
  expect(calledAs(npx(folder('shop/packages/one')), local)).toBe('npx assets')
})

test('a package script has the package on its own PATH only', () => {
  expect(calledAs(script(shop), local)).toBe('npx assets')
})

test('npx runs a clone of the package in its own folder', () => {
  expect(calledAs(npx(clone), clone)).toBe('npx assets')
})

test('a linked clone is found where it is linked', () => {
  const linking = folder('linking/node_modules')
  symlinkSync(clone, join(linking, 'assets'))
  expect(calledAs(npx(join(root, 'linking')), clone)).toBe('npx assets')
})

test('a package of the cache of npx is named again', () => {
  const more = { npm_config_package: '../assets-0.1.0.tgz' }
  expect(calledAs(npx(shop, more), cached)).toBe('npx --package ../assets-0.1.0.tgz assets')
  expect(calledAs(npx(shop), cached)).toBe('npx assets')
})

test('a package that needs quotes is not named', () => {
  expect(calledAs(npx(shop, { npm_config_package: 'a b; c' }), cached)).toBe('npx assets')
})

test.each([
  ['npx', npx(shop)],
  ['a package script', script(shop)],
  ['npx with a package', npx(shop, { npm_config_package: 'concurrently' })],
])('a global package is assets below %s', (_, env) => {
  expect(calledAs(env, globally)).toBe('assets')
})

test('the project of another package manager is left alone', () => {
  const env = npx(shop, { npm_config_user_agent: 'pnpm/10.1.0 npm/? node/v20.20.2 linux x64' })
  expect(calledAs(env, local)).toBe('assets')
})
