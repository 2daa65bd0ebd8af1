// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what settings hold
import { describe, expect, it } from 'vitest'
import { readDotenv, resolveTarget } from '../../../framework/config/index.ts'
import { ok } from '../../../framework/model/problem.ts'
import { isStated, type ResolvedTarget } from '../../../framework/model/project.ts'
import { projectFolder, projectIn } from '../../rig/config.ts'

type Env = Readonly<Record<string, string>>

/** Resolves a target with these settings of a snowflake warehouse and this connection URL. */
async function resolve(env: Env, settings: string, url = 'embedded') {
  const project = await projectIn({
    'assets.yaml': `version: 1
project: shop
targets:
  prod:
    warehouse: {type: snowflake, ${settings}}
    connections: {shop: {type: postgres, url: "${url}"}}
`,
  })
  return resolveTarget(project, 'prod', env)
}

async function resolved(env: Env, settings: string, url?: string) {
  const target = await resolve(env, settings, url)
  if (!target.ok) throw new Error(target.problems.map((problem) => problem.message).join('\n'))
  return target.value
}

async function problems(env: Env, settings: string, url?: string) {
  const target = await resolve(env, settings, url)
  return target.ok ? [] : target.problems
}

describe('variables', () => {
  it.each([
    ['${A}', 'x'],
    ['a${A}b${A}', 'axbx'],
    ['${B:-y}', 'y'],
    ['${A:-y}', 'x'],
    ['${EMPTY:-y}', 'y'],
    ['${B:-}', ''],
    ['${B:-${A}}', 'x'],
    ['${B:-${C:-z}}!', 'z!'],
    ['$${A}', '${A}'],
    ['$$${A}', '$${A}'],
    ['$A and $', '$A and $'],
    ['${A}}', 'x}'],
  ])('%s is %j', async (text, value) => {
    const target = await resolved({ A: 'x', EMPTY: '' }, `account: "${text}"`)
    expect(statedIn(target)?.settings.account).toBe(value)
  })

  it('get the type of the setting', async () => {
    const env = { PORT: '8443', ALIVE: 'true', AUTH: 'token' }
    const settings = 'account: a, port: "${PORT}", keep_alive: "${ALIVE}", auth: "${AUTH}"'
    expect((await resolved(env, settings)).warehouse).toEqual({
      type: 'snowflake',
      settings: { account: 'a', port: 8443, keep_alive: true, auth: 'token' },
      at: { file: 'assets.yaml', path: ['targets', 'prod', 'warehouse'] },
    })
  })

  it('with a value of the wrong type are reported without it', async () => {
    const env = { PORT: 'hunter2', ALIVE: 'hunter2', AUTH: 'hunter2' }
    const settings = 'account: a, port: "${PORT}", keep_alive: "${ALIVE}", auth: "${AUTH}"'
    const found = await problems(env, settings)
    expect(found.map((problem) => problem.message)).toEqual([
      '"warehouse.auth" of target prod must be "password" or "token", but its variable has another value',
      '"warehouse.port" of target prod must be a number, but its variable has another value',
      '"warehouse.keep_alive" of target prod must be true or false, but its variable has another value',
    ])
    expect(found[1]?.at).toEqual({
      file: 'assets.yaml',
      path: ['targets', 'prod', 'warehouse', 'port'],
    })
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })

  it('that are missing are reported once each, with every setting', async () => {
    const found = await problems({ EMPTY: '' }, 'account: "${A}-${EMPTY}", port: "${PORT}"', '${A}')
    expect(found).toEqual([
      {
        code: 'missing-variable',
        message: 'target prod needs the variable A, which is not set',
        at: { file: 'assets.yaml', path: ['targets', 'prod', 'warehouse', 'account'] },
        related: [
          {
            message: 'also used here',
            at: { file: 'assets.yaml', path: ['targets', 'prod', 'connections', 'shop', 'url'] },
          },
        ],
        hint: 'export A, add it to .env, or give it a default: ${A:-…}',
      },
      expect.objectContaining({
        message: 'target prod needs the variable EMPTY, which is empty',
      }),
      expect.objectContaining({ message: 'target prod needs the variable PORT, which is not set' }),
    ])
  })

  it('of another target may be missing', async () => {
    const project = await projectIn({
      'assets.yaml': `version: 1
project: shop
targets:
  local: {}
  prod: {warehouse: {type: snowflake, account: "\${NOT_SET}"}}
`,
    })
    expect(resolveTarget(project, 'local', {}).ok).toBe(true)
    expect(resolveTarget(project, 'prod', {}).ok).toBe(false)
  })

  it('are filled in for a known target only', async () => {
    const project = await projectIn({ 'assets.yaml': 'version: 1\nproject: shop\n' })
    expect(resolveTarget(project, 'locl', {})).toMatchObject({
      problems: [{ code: 'unknown-target', hint: 'did you mean "local"?' }],
    })
    expect(resolveTarget(project, 'constructor', {})).toMatchObject({
      problems: [{ hint: 'known targets: local' }],
    })
  })
})

describe('secrets', () => {
  it('are the values of secret settings, literal or with variables', async () => {
    const target = await resolved({ X: 'one-two' }, 'account: acme, password: "pre-${X}"')
    expect(target.secrets).toEqual(['pre-one-two', 'one-two'])
    const literal = await resolved({}, 'account: acme, password: literal')
    expect(literal.secrets).toEqual(['literal'])
  })

  it('are the values of secret variables in any setting', async () => {
    const target = await resolved({ API_TOKEN: 'tok123' }, 'account: "x-${API_TOKEN}"')
    expect(target.secrets).toEqual(['tok123'])
  })

  it('are URLs with a password, and the password as written and decoded', async () => {
    const url = 'postgres://me:p%40ss@host:5432/shop'
    const target = await resolved({ URL: url }, 'account: acme', '${URL}')
    expect(target.secrets).toEqual([url, 'me:p%40ss', 'me:p@ss', 'p%40ss', 'p@ss'])
  })

  it.each([
    ['postgres://me:a:b@c/d@host/shop', 'a:b@c/d'],
    ['host=h password=sekrit user=u', 'sekrit'],
    ["host=h password='two words'", 'two words'],
    ['postgres://host/db?user=u&password=sekrit', 'sekrit'],
  ])('in %s: %s', async (url, secret) => {
    const target = await resolved({ URL: url }, 'account: acme', '${URL}')
    expect(target.secrets).toContain(secret)
    expect(target.secrets).toContain(url)
  })

  it('are not names, hosts or paths', async () => {
    const env = { CLIENT_ID: 'me', KEY_PATH: '/keys/k.pem', URL: 'postgres://me@host/shop' }
    const target = await resolved(env, 'account: "${CLIENT_ID}${KEY_PATH}"', '${URL}')
    expect(target.secrets).toEqual([])
  })
})

describe('.env', () => {
  it('gives what the environment does not have', () => {
    const root = projectFolder({ '.env': 'A=from file\n# no\nexport B="two # 2"\nC=\n' })
    expect(readDotenv(root, { A: 'set', D: 'kept' })).toEqual(ok({ B: 'two # 2', C: '' }))
  })

  it('that is a folder is a problem', () => {
    expect(readDotenv(projectFolder({ '.env/file': '' }), {})).toMatchObject({
      problems: [{ code: 'file-unreadable', message: ".env can't be read: it is not a file" }],
    })
  })

  it('may begin with a byte order mark', () => {
    expect(readDotenv(projectFolder({ '.env': '\ufeffA=1\n' }), {})).toEqual(ok({ A: '1' }))
  })

  it('may be missing', () => {
    expect(readDotenv(projectFolder({}), { A: 'x' })).toEqual(ok({}))
  })
})

const statedIn = ({ warehouse }: ResolvedTarget) => (isStated(warehouse) ? warehouse : null)
