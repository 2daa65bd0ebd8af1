import { afterEach, beforeEach, expect, test } from 'vitest'
import { examine } from '../../framework/connections/tableau/health.ts'
import { ProblemError } from '../../framework/model/problem.ts'
import type { AdapterSettings } from '../../framework/model/project.ts'
import type { ShownIn } from '../../framework/ports/kind.ts'
import { CliProject } from '../rig/cli.ts'
import { collectFacts, healthSubject } from '../rig/health.ts'
import { TableauLookAlike, TOKEN } from '../rig/tableau/look-alike.ts'

let server: TableauLookAlike
beforeEach(async () => {
  server = await TableauLookAlike.start()
})
afterEach(() => server.close())

const login = { site: 'rental', token_name: TOKEN.name, token: TOKEN.secret }

async function told(
  more: AdapterSettings['settings'] = {},
  projects: readonly string[] = [],
  workbooks: readonly string[] = [],
): Promise<readonly string[]> {
  const publishing = { connection: 'shop', publishes: 'a', refreshes: null }
  const shown: readonly ShownIn[] = [
    ...projects.map((project) => ({ ...publishing, project })),
    ...workbooks.map((name) => ({
      ...{ connection: 'shop', project: null, publishes: null },
      refreshes: { type: 'workbook' as const, name, project: null },
    })),
  ]
  const parts = examine(healthSubject({ url: server.url, ...login, ...more }, { shown }))
  const facts = await collectFacts(parts[0]!.facts)
  return facts.map(({ state, subject, message }) => `${state} ${subject}: ${message}`)
}

test('everything is fine: address, token, site and projects; and it signs out', async () => {
  for (let number = 1; number <= 6; number++) server.store.addProject(`project ${number}`)
  expect(await told()).toEqual([
    `ok service: ${server.url}, REST API 3.27`,
    'ok login: token nightly; it ends if it is not used for 15 days',
    'ok site: DVD rental',
    'ok role: SiteAdministratorExplorer',
    'ok projects: default, project 1, project 2, project 3, project 4 and 2 more',
  ])
  expect(server.calls.at(-1)).toBe('POST /auth/signout')
  expect(server.calls.filter((call) => !/^(GET|POST \/auth)/.test(call))).toEqual([])
})

test('a user who may not read the site or its projects', async () => {
  server.forbidden.push('GET ')
  expect(await told()).toEqual([
    `ok service: ${server.url}, REST API 3.27`,
    'ok login: token nightly; it ends if it is not used for 15 days',
    'ok site: rental',
    expect.stringMatching(
      /^bad projects: .*does not let the user of the token list the projects \(403004\)/,
    ),
  ])
})

test('what the user of the token may do, and the projects that assets name', async () => {
  const { id } = server.store.addProject('Finance')
  server.store.addProject('Reports', id)
  server.store.addProject('Locked').writeable = false
  server.siteRole = 'ExplorerCanPublish'
  const lines = await told({}, ['Finance/Reports', 'Locked', 'Finanse'])
  expect(lines.slice(3)).toEqual([
    'ok role: ExplorerCanPublish; it may not list the refreshes of others, so a run waits for them and refreshes again',
    'ok project Finance/Reports: may be published to',
    'bad project Locked: the user of the token may not publish to it',
    expect.stringMatching(/^bad project Finanse: .* has no project Finanse/),
  ])
  server.siteRole = 'Viewer'
  expect((await told())[3]).toBe('bad role: Viewer, which may not publish')
})

test('what assets refresh', async () => {
  const [project] = server.store.projects
  server.store.addContent({ type: 'workbook', name: 'Overview', project: project! })
  const lines = await told({}, [], ['Overview', 'Overvew'])
  expect(lines.slice(-2)).toEqual([
    'ok workbook Overview: is in project default',
    expect.stringMatching(/^bad workbook Overvew: .* has no workbook Overvew/),
  ])
})

test('a token that is refused', async () => {
  const refused = await told({ token: 'wrong' }).catch((error: unknown) => error)
  if (!(refused instanceof ProblemError)) throw refused
  expect(refused.problems.map(({ code }) => code)).toEqual(['tableau-denied'])
})

test('the command line examines it, says no secret, and loads no table from it', async () => {
  const declared = (asset: string) => `version: 1
project: p
targets:
  local:
    connections:
      tableau: {type: tableau, url: "${server.url}", site: rental, token_name: nightly, token: "\${TABLEAU_TOKEN}"}
assets:
  a: ${asset}
`
  const project = new CliProject({ TABLEAU_TOKEN: TOKEN.secret })
  project.write('assets.yaml', declared('{kind: command, run: "true"}'))
  try {
    const { code, stdout, stderr } = await project.run('doctor')
    expect(stdout).toContain('connection tableau')
    expect(stdout).toContain('DVD rental')
    expect(stdout + stderr).not.toContain(TOKEN.secret)
    expect(code).toBe(0)
    project.write('assets.yaml', declared('{kind: airbyte, connection: tableau, stream: film}'))
    const checked = await project.run('check')
    expect(checked.stdout + checked.stderr).toContain(
      'a uses connection tableau of target local, whose type tableau loads no tables',
    )
    expect(checked.code).toBe(2)
  } finally {
    project.remove()
  }
})
