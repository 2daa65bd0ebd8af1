// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what settings hold
import { describe, expect, it } from 'vitest'
import { fillSecrets, resolveTarget } from '../../../framework/config/index.ts'
import { fail, ok, type Problem } from '../../../framework/model/problem.ts'
import { isStated, type ResolvedTarget } from '../../../framework/model/project.ts'
import { projectIn } from '../../rig/config.ts'

const DENIED: Problem = { code: 'secret-denied', message: 'it may not be read' }

/** A store of these secrets that records each read. */
class Store {
  readonly reads: string[] = []
  opened = 0
  readonly #texts: Readonly<Record<string, string>>

  constructor(texts: Readonly<Record<string, string>>) {
    this.#texts = texts
  }

  readonly open = async () => {
    this.opened += 1
    return {
      read: async (name: string) => {
        this.reads.push(name)
        const text = this.#texts[name]
        return text === undefined ? fail(DENIED) : ok(text)
      },
    }
  }
}

const projectWith = (settings: string, url: string) =>
  projectIn({
    'assets.yaml': `version: 1
project: shop
targets:
  local: {}
  prod:
    warehouse: {type: snowflake, ${settings}}
    connections: {shop: {type: postgres, url: "${url}"}}
`,
  })

async function fill(store: Store, settings: string, url = 'embedded', env = {}) {
  return fillSecrets(await projectWith(settings, url), 'prod', env, store.open)
}

async function filled(store: Store, settings: string, url?: string, env = {}) {
  const target = await fill(store, settings, url, env)
  if (!target.ok) throw new Error(target.problems.map((problem) => problem.message).join('\n'))
  return target.value
}

const PAIR = JSON.stringify({ user: 'etl', password: 'p@ss word', port: 5439 })

describe('a secret', () => {
  it.each([
    ['${secret:plain}', 'whole text'],
    ['${secret:app/prod#password}', 'p@ss word'],
    ['${secret:app/prod#user}@${secret:app/prod#port}', 'etl@5439'],
    ['a${A}-${secret:plain}', 'ax-whole text'],
    ['${B:-${secret:plain}}', 'whole text'],
    ['${secret:arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbC#k}', 'v'],
    ['${secret:rds!db-1}', 'managed'],
    ['$${secret:plain}', '${secret:plain}'],
  ])('%s is %j', async (text, value) => {
    const store = new Store({
      plain: 'whole text',
      'app/prod': PAIR,
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbC': '{"k": "v"}',
      'rds!db-1': 'managed',
    })
    const target = await filled(store, `account: "${text}"`, undefined, { A: 'x' })
    expect(statedIn(target)?.settings.account).toBe(value)
  })

  it('is read once if several settings refer to it', async () => {
    const store = new Store({ 'app/prod': PAIR })
    const url = 'postgres://${secret:app/prod#user}:${secret:app/prod#password}@h/d'
    await filled(store, 'account: a, password: "${secret:app/prod#password}"', url)
    expect(store.reads).toEqual(['app/prod'])
  })

  it('is not read by resolveTarget, nor if a variable replaces it', async () => {
    const project = await projectWith('account: a, password: "${P:-${secret:p}}"', 'embedded')
    const resolved = resolveTarget(project, 'prod', {})
    expect(resolved).toMatchObject({
      value: { warehouse: { settings: { password: '${P:-${secret:p}}' } }, secrets: [] },
    })
    const store = new Store({})
    const target = await fillSecrets(project, 'prod', { P: 'here' }, store.open)
    expect(target).toMatchObject({ value: { warehouse: { settings: { password: 'here' } } } })
    expect(store.opened).toBe(0)
  })

  it('of another target is not read', async () => {
    const store = new Store({})
    const project = await projectWith('account: "${secret:x}"', 'embedded')
    expect((await fillSecrets(project, 'local', {}, store.open)).ok).toBe(true)
    expect(store.opened).toBe(0)
  })

  it('gets the type of the setting', async () => {
    const store = new Store({ 'app/prod': PAIR })
    const target = await filled(store, 'account: a, port: "${secret:app/prod#port}"')
    expect(statedIn(target)?.settings.port).toBe(5439)
  })

  it('is redacted in every setting, and a password inside it too; a port is not', async () => {
    const url = 'postgres://me:in%2Fner@h/d'
    const store = new Store({ 'app/prod': PAIR, url })
    const target = await filled(
      store,
      'account: "${secret:app/prod#password}", port: "${secret:app/prod#port}"',
      '${secret:url}',
    )
    expect(target.secrets).toEqual(expect.arrayContaining(['p@ss word', url, 'in%2Fner', 'in/ner']))
    expect(target.secrets).not.toContain('5439')
  })
})

describe('a secret that can not be read', () => {
  const at = (...path: string[]) => ({ file: 'assets.yaml', path: ['targets', 'prod', ...path] })

  it('is reported once, with every setting that refers to it', async () => {
    const store = new Store({})
    const found = await fill(
      store,
      'account: "${secret:x#a}", password: "${secret:x#b}"',
      '${secret:y}',
    )
    expect(found).toEqual({
      ok: false,
      problems: [
        {
          ...DENIED,
          at: at('warehouse', 'account'),
          related: [{ message: 'also used here', at: at('warehouse', 'password') }],
        },
        { ...DENIED, at: at('connections', 'shop', 'url') },
      ],
    })
  })

  it.each([
    ['plain text', 'secret-not-json', 'is not a JSON object', '${secret:s}'],
    ['["list-value"]', 'secret-not-json', 'is not a JSON object', 'store {"password": "…"}'],
    [
      '{"user": "u-value", "pw": "p-value"}',
      'secret-key-missing',
      'has no key',
      'its keys: pw, user',
    ],
    [
      '{"password": {"a": "in-value"}}',
      'secret-key-missing',
      'not a single value',
      'its keys: password',
    ],
    ['{}', 'secret-key-missing', 'has no key password', 'its keys: none'],
  ])('%s: the problem may name its keys, never its values', async (text, code, message, hint) => {
    const found = await fill(new Store({ s: text }), 'account: "${secret:s#password}"')
    expect(found).toMatchObject({
      ok: false,
      problems: [
        {
          code,
          message: expect.stringContaining(message),
          hint: expect.stringContaining(hint),
          at: at('warehouse', 'account'),
        },
      ],
    })
    for (const word of ['plain text', 'list-value', 'u-value', 'p-value', 'in-value']) {
      expect(JSON.stringify(found)).not.toContain(word)
    }
  })

  it('a missing variable is reported before any secret is read', async () => {
    const store = new Store({})
    const found = await fill(store, 'account: "${NOT_SET}", password: "${secret:x}"')
    expect(found).toMatchObject({ ok: false, problems: [{ code: 'missing-variable' }] })
    expect(store.opened).toBe(0)
  })
})

it.each(['${secret:}', '${secret:a b}', '${secret:a#}', '${secret:a'])(
  '%s is not a valid secret, which is reported at the setting',
  async (text) => {
    await expect(projectWith(`account: "${text}"`, 'embedded')).rejects.toThrow(
      'is not a valid secret',
    )
  },
)

const statedIn = ({ warehouse }: ResolvedTarget) => (isStated(warehouse) ? warehouse : null)
