import { afterEach, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

let desk: InProcessProject
afterEach(() => desk.remove())

const project = (key: string, env: Readonly<Record<string, string>>) =>
  new InProcessProject(
    {
      'assets.yaml': `version: 1
project: shop
targets:
  prod:
    warehouse: {type: snowflake, account: org-acc, user: robot, database: dvd, private_key: "${key}"}
default_target: prod
assets:
  days: {kind: extract, query: select 1 as n, to: days.csv}
`,
    },
    env,
  )

test.each(['doctor', 'materialize'])(
  '%s names the variable of a private key that is none, and not its value',
  async (verb) => {
    desk = project(`\${SNOWFLAKE_PRIVATE_KEY:-}`, { SNOWFLAKE_PRIVATE_KEY: 'hunter22' })
    const shown = await desk.show(verb)
    expect(shown).toContain('SNOWFLAKE_PRIVATE_KEY is not a private key in PEM format')
    expect(shown).not.toContain('hunter22')
    expect(shown).toMatch(/exit [12]$/)
  },
)

test('the variable in a default is the one that is named', async () => {
  desk = project(`\${UNSET_KEY:-\${OTHER_KEY}}`, { OTHER_KEY: 'hunter22' })
  expect(await desk.show('doctor')).toContain('OTHER_KEY is not a private key in PEM format')
})

test('without a variable, the setting is named', async () => {
  desk = project('hunter22', {})
  const shown = await desk.show('doctor')
  expect(shown).toContain('`private_key` is not a private key in PEM format')
})
