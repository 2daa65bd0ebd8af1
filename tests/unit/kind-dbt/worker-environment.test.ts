import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { workerEnvironment } from '../../../framework/kinds/dbt/worker-environment.ts'
import type { Site } from '../../../framework/ports/site.ts'
import { installerEnvironment } from '../../../framework/python/installer-environment.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assets-worker-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const shell = { PATH: '/bin', OF_SHELL: '1' }
const dotenv = {
  IN_PROFILE: 'a',
  IN_MODEL: 'b',
  IN_TARGET: 'c',
  DBT_ENV_SECRET_X: 'd',
  STRIPE_TOKEN: 'e',
  PIP_INDEX_URL: 'f',
}
const site = { shell, env: { ...dotenv, ...shell } } as unknown as Site

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}

const names = () => Object.keys(workerEnvironment(site, folder)).sort()

test('dbt gets the shell, and of .env what its project and profile name', () => {
  write('profiles.yml', 'shop: {outputs: {a: {password: "{{ env_var(\'IN_PROFILE\') }}"}}}')
  write('models/a/b.sql', '-- needs IN_MODEL\nselect 1')
  write('target/compiled.sql', 'IN_TARGET')
  expect(names()).toEqual(['DBT_ENV_SECRET_X', 'IN_MODEL', 'IN_PROFILE', 'OF_SHELL', 'PATH'])
})

test('a name that Jinja works out may be any of them', () => {
  write('models/a.sql', "select '{{ env_var(var('name')) }}'")
  expect(names()).toEqual(Object.keys(site.env).sort())
})

test('what installs packages gets the shell, and of .env its own settings', () => {
  expect(Object.keys(installerEnvironment(site)).sort()).toEqual([
    'OF_SHELL',
    'PATH',
    'PIP_INDEX_URL',
  ])
})
