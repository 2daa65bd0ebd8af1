import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chooseOutput } from '../../../framework/kinds/dbt/profile/choose-output.ts'
import { profilesFile } from '../../../framework/kinds/dbt/profile/profiles-file.ts'
import { typeInProfile } from '../../../framework/kinds/dbt/profile/type-in-profile.ts'
import { siteOf } from '../../contract/suites/site.ts'
import { dbtSettings } from '../../rig/dbt-settings.ts'

const FOUND = {
  profile: 'shop',
  profiles: ['shop', 'other'],
  outputs: { dev: 'duckdb', local: 'duckdb', prod: 'snowflake' },
  default: 'dev',
}

describe('the output of a target', () => {
  it('is the one that `dbt.target` names', () => {
    expect(chooseOutput(FOUND, 'prod', 'local')).toEqual({ is: 'chosen', output: 'prod' })
  })

  it('is else the one with the name of the target', () => {
    expect(chooseOutput(FOUND, null, 'local')).toEqual({ is: 'chosen', output: 'local' })
  })

  it('is else the default of the profile', () => {
    expect(chooseOutput(FOUND, null, 'night')).toEqual({ is: 'chosen', output: 'dev' })
  })

  it('is none if `dbt.target` names one that does not exist, whatever else exists', () => {
    const choice = { is: 'unknown', wanted: 'prd', by: 'dbt.target' }
    expect(chooseOutput(FOUND, 'prd', 'local')).toEqual(choice)
  })

  it('is none if the default does not exist or is not known', () => {
    const choice = (wanted: string | null) => ({ is: 'unknown', wanted, by: 'default' })
    expect(chooseOutput({ ...FOUND, default: 'x' }, null, 'night')).toEqual(choice('x'))
    expect(chooseOutput({ ...FOUND, default: null }, null, 'night')).toEqual(choice(null))
  })

  it('is none without a profile, and without outputs', () => {
    const none = { is: 'no_profile' }
    expect(chooseOutput({ ...FOUND, profile: null }, null, 'local')).toEqual(none)
    expect(chooseOutput({ ...FOUND, profile: 'gone' }, null, 'local')).toEqual(none)
    expect(chooseOutput({ ...FOUND, outputs: {} }, null, 'local')).toEqual({ is: 'no_outputs' })
  })

  it('is none of a name that objects have', () => {
    const choice = { is: 'unknown', wanted: 'toString', by: 'dbt.target' }
    expect(chooseOutput(FOUND, 'toString', 'local')).toEqual(choice)
  })
})

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-profile-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

describe('profiles.yml', () => {
  const file = (env: Readonly<Record<string, string>> = {}) =>
    profilesFile(join(root, 'dbt'), { HOME: join(root, 'home'), ...env })

  it('is in the home folder if the project has none', () => {
    expect(file()).toBe(join(root, 'home/.dbt/profiles.yml'))
  })

  it('is the one beside dbt_project.yml', () => {
    write('dbt/profiles.yml', '')
    expect(file()).toBe(join(root, 'dbt/profiles.yml'))
  })

  it('is first of all the one in DBT_PROFILES_DIR, which is relative to where dbt runs', () => {
    write('dbt/profiles.yml', '')
    expect(file({ DBT_PROFILES_DIR: '/etc/dbt' })).toBe('/etc/dbt/profiles.yml')
    expect(file({ DBT_PROFILES_DIR: '../ci' })).toBe(join(root, 'ci/profiles.yml'))
    expect(file({ DBT_PROFILES_DIR: '' })).toBe(join(root, 'dbt/profiles.yml'))
  })
})

describe('the type of an output without dbt', () => {
  const TWO = `config: {send_anonymous_usage_stats: false}
other:
  target: x
  outputs: {x: {type: bigquery}}
shop:
  target: dev
  outputs:
    # the small one
    dev:
      type: duckdb
      path: x.duckdb

    "prod":
      type: 'snowflake'
`
  const typeOf = (profiles: string, target: string | null = null, profile = 'shop') => {
    write('dbt/dbt_project.yml', `name: shop\nprofile: ${profile}\n`)
    write('dbt/profiles.yml', profiles)
    const site = siteOf({ root, projectDir: 'dbt', env: { HOME: root } })
    const dbt = { ...dbtSettings('dbt'), target }
    return typeInProfile(join(root, 'dbt'), { ...site, project: { ...site.project, dbt } })
  }

  it('is that of the output that the target uses', () => {
    expect(typeOf(TWO)).toBe('duckdb')
    expect(typeOf(TWO, 'prod')).toBe('snowflake')
    expect(typeOf(TWO, null, 'other')).toBe('bigquery')
  })

  it('is that of all outputs if they have one type', () => {
    const profiles = `shop:
  target: "{{ env_var('WHERE') }}"
  outputs:
    a: {type: duckdb, path: a.duckdb}
    b: {path: b.duckdb, type: duckdb}
`
    expect(typeOf(profiles)).toBe('duckdb')
  })

  it('is not known if it depends on the environment', () => {
    expect(typeOf(TWO.replace('target: dev', 'target: "{{ x }}"'))).toBe(null)
    expect(typeOf('')).toBe(null)
  })
})
