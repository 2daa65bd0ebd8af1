import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillSecrets } from '../../framework/config/index.ts'
import { compareSetup } from '../../framework/connections/airbyte/compare-setup.ts'
import * as airbyte from '../../framework/connections/airbyte/problems.ts'
import { readSettings } from '../../framework/connections/airbyte/settings.ts'
import type { Json } from '../../framework/lib/json.ts'
import { ok } from '../../framework/model/problem.ts'
import type { Stream } from '../../framework/model/stream.ts'
import { secretProblem } from '../../framework/secrets/aws/problems.ts'
import { create as createSnowflake } from '../../framework/warehouses/snowflake/index.ts'
import { OtherDatabases } from '../../framework/warehouses/snowflake/other-databases.ts'
import { problemOf as snowflakeProblem } from '../../framework/warehouses/snowflake/problems.ts'
import { scratchOf } from '../../framework/warehouses/snowflake/scratch.ts'
import { siteOf } from '../contract/suites/site.ts'
import { projectIn } from '../rig/config.ts'
import { stream } from '../rig/load.ts'
import { failure, problemsOf, textWithCodes } from '../rig/problem-text.ts'

// Problems of hosted services. The tests call the functions that create them.

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-texts-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const shown: typeof textWithCodes = (problems) => textWithCodes(problems).replaceAll(root, '<root>')

test('problems of Airbyte', async () => {
  const at = { file: 'assets.yaml', path: ['targets', 'prod', 'connections', 'shop'] }
  const read = (settings: Readonly<Record<string, Json>>) =>
    readSettings({ type: 'airbyte', settings, at })
  const settings = read({ url: 'https://airbyte.example.com', connection_id: 'c-1' })
  if (!settings.ok) throw new Error('the settings are right')
  const named = settings.value
  const setup = {
    status: 'active',
    statusReason: '',
    workspaceId: null,
    prefix: '',
    streams: [
      {
        name: 'film',
        namespace: null,
        mode: 'incremental_deduped_history',
        cursor: 'changed_at',
        primaryKey: ['film_id'],
        columns: null,
      },
    ],
  }
  const compared = (name: string, more: Partial<Stream>) =>
    compareSetup([stream(name, more)], setup, named).problems
  const ask = { method: 'GET', path: '/connections/c-1' }
  const problems = [
    ...problemsOf(
      read({ url: 'nonsense', connection_id: 'c-1' }),
      read({ connection_id: 'c-1', client_id: 'x' }),
      read({ connection_id: 'c-1', token: 't', username: 'u', password: 'p' }),
    ),
    airbyte.notAnswering(named, 'status 502'),
    airbyte.loginDenied(named, 403),
    airbyte.tokenRefused(named, 401),
    airbyte.applicationsUnsupported(named),
    airbyte.requestRefused(named, ask, {
      status: 404,
      title: 'not-found',
      detail: 'no such thing',
    }),
    airbyte.requestRefused(
      named,
      { ...ask, path: '/jobs' },
      { status: 422, title: '', detail: '' },
    ),
    airbyte.connectionInactive(named, 'paused by ann'),
    airbyte.syncNotStarted(named, 'try-again-later'),
    airbyte.syncRefused(named, 'state-conflict'),
    airbyte.jobFailed(named, 7, 'failed', 'the source is down'),
    airbyte.jobFailed(named, 7, 'cancelled', null),
    airbyte.streamFailed(7, 'raw_film', 'film', 'a row was too long'),
    airbyte.streamOutcomeUnknown(7, 'raw_film', 'film', 'the job names no streams'),
    airbyte.nothingRan(named, 7),
    airbyte.jobTimedOut(named, 7, '2h', null),
    airbyte.needsRefresh(named, 'raw_film', 'film', 'its columns changed'),
    ...compared('actor', {}),
    ...compared('film', { sync: 'full_refresh' }),
    ...compared('film', { sync: 'incremental_dedup', primaryKey: ['id'], cursor: 'at' }),
  ]
  await expect(shown(problems)).toMatchFileSnapshot('problems/airbyte.txt')
})

test('problems of secrets', async () => {
  const errors = [
    failure('no such secret', { name: 'ResourceNotFoundException' }),
    failure('not authorized', { name: 'AccessDeniedException' }),
    failure('no credentials', { name: 'CredentialsProviderError' }),
    failure('Region is missing'),
    failure('socket hang up', { code: 'ECONNRESET' }),
    failure('something else', { name: 'InternalServiceError' }),
  ]
  const yaml = `version: 1
project: shop
targets:
  prod: {warehouse: {type: snowflake, account: "\${secret:text#key}", password: "\${secret:json#usr}"}}
`
  const project = await projectIn({ 'assets.yaml': yaml })
  const texts: Readonly<Record<string, string>> = { text: 'plain', json: '{"user": "ann"}' }
  const unlocked = await fillSecrets(project, 'prod', {}, async () => ({
    read: async (name) => ok(texts[name]!),
  }))
  const problems = [
    ...errors.map((error) => secretProblem(error, 'prod/warehouse')),
    ...problemsOf(unlocked),
  ]
  await expect(shown(problems)).toMatchFileSnapshot('problems/secrets.txt')
})

test('problems of Snowflake', async () => {
  const at = { file: 'assets.yaml', path: ['targets', 'prod', 'warehouse'] }
  const where = { name: 'dvd on myorg-account', redact: (text: string) => text }
  const doing = {
    code: 'warehouse-failed' as const,
    message: 'dvd on myorg-account could not be inspected',
  }
  mkdirSync(join(root, 'snowflake'))
  writeFileSync(join(root, 'snowflake/connections.toml'), '[here]\naccount = "a"\n')
  const site = siteOf({ root, env: { SNOWFLAKE_HOME: join(root, 'snowflake') } })
  const made = async (settings: Readonly<Record<string, Json>>) =>
    createSnowflake({ type: 'snowflake', settings, at }, site)
  const given = { account: 'a', database: 'd', user: 'u' }
  const passcode = await made({ ...given, database: 'd', password: 'p', passcode: '1' })
  if (!passcode.ok) throw new Error(passcode.problems[0]!.message)
  const codes = ['404026', '390100', '401001', '000606', '000604', '002003']
  const refuse = async () => {
    throw failure('SQL access control error: Insufficient privileges', { code: '003001' })
  }
  const { scratch } = scratchOf({
    settings: {
      ...{ database: 'DVD', schema: 'ANALYTICS', hashUpTo: 0 },
      others: new OtherDatabases(null),
    },
    label: where,
    owner: '0A1B2C3D',
    startedAt: 0,
    client: { query: refuse, describe: refuse },
    cleanUp: refuse,
    notice: () => undefined,
  })
  const problems = [
    ...problemsOf(
      await scratch.prepare(['marts.sums']),
      await made({ ...given }),
      await made({ password: 'p' }),
      await made({ ...given, token: 't', password: 'p' }),
      await made({ ...given, token: 't', passcode: '1' }),
      await made({ ...given, private_key_path: 'nowhere.p8' }),
      await made({ ...given, private_key: 'hunter22' }),
      await made({ connection: 'there' }),
    ),
    ...problemsOf(await passcode.value.lend(async () => null)),
    ...codes.map((code) =>
      snowflakeProblem(failure('as the service says', { code }), where, doing),
    ),
  ]
  await expect(shown(problems)).toMatchFileSnapshot('problems/snowflake.txt')
})
