import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { main } from '../../framework/cli/main.ts'
import { registries } from '../../framework/registries.ts'
import { gitAt, repositoryAt } from '../rig/git.ts'
import { InProcessProject } from '../rig/in-process.ts'

// SEMANTICS 42, without dbt: which commit, and which files count as part of it.

const YAML = `version: 1
project: shop
default_target: local
include: [more.yaml]
targets:
  local: {}
`
const ASSETS = `assets:
  days: {kind: command, run: sh days.sh, code: [days.sh], outputs: ['out/{target}/days.txt']}
  weeks: {kind: command, deps: [days], run: sh weeks.sh, code: [lib, weeks.sh], env: [RATE], outputs: ['out/{target}/weeks.txt']}
`
const FILES = {
  'assets.yaml': YAML,
  'more.yaml': ASSETS,
  'days.sh': 'echo mon > out/days.txt\n',
  'weeks.sh': 'cat out/days.txt > out/weeks.txt\n',
  'lib/a.sh': '# a\n',
  '.gitignore': 'out/\n.env\n*.secret\n',
}

let project: InProcessProject
let git: ReturnType<typeof repositoryAt>
let other: string
beforeEach(() => {
  project = new InProcessProject(FILES)
  git = repositoryAt(project.root)
  other = mkdtempSync(join(tmpdir(), 'assets-other-'))
})
afterEach(() => {
  project.remove()
  rmSync(other, { recursive: true, force: true })
})

interface Against {
  readonly base: {
    readonly commit: string
    readonly relation: string
    readonly behind: number
    readonly lacks: string | null
  }
  readonly steps: readonly {
    readonly asset: string
    readonly verdict: string
    readonly reasons: readonly { readonly reason: string; readonly message: string }[]
  }[]
  readonly added: readonly string[]
  readonly removed: readonly { readonly asset: string; readonly files: readonly string[] }[]
  readonly moved: readonly { readonly asset: string }[]
}

const against = async (line = 'main') =>
  (await project.json(`plan --against ${line} --json`)) as Against
/** The assets that would build: `days: code`, or `weeks: pending`. */
const steps = async (line?: string) =>
  (await against(line)).steps.map(
    ({ asset, verdict, reasons }) =>
      `${asset}: ${reasons.map(({ reason }) => reason).join() || verdict}`,
  )
const commit = (message: string) => {
  git('add', '--all')
  git('commit', '--quiet', `--message=${message}`)
  return git('rev-parse', 'HEAD').trim()
}

test('the working tree counts as it is on disk: committed, staged, edited or untracked', async () => {
  expect(await steps()).toEqual([])
  project.write('days.sh', 'echo tue > out/days.txt\n')
  expect(await steps()).toEqual(['days: code', 'weeks: pending'])
  git('checkout', '--quiet', '-b', 'feature')
  commit('tuesday')
  expect(await steps()).toEqual(['days: code', 'weeks: pending'])
  project.write('lib/untracked.sh', '# b\n')
  expect(await steps()).toEqual(['days: code', 'weeks: code'])
  expect(await steps('HEAD')).toEqual(['weeks: code'])
})

test('the commit is the merge base with HEAD; --no-merge-base takes the one that is named', async () => {
  const first = git('rev-parse', 'main').trim()
  git('checkout', '--quiet', '-b', 'feature')
  project.write('weeks.sh', 'cat out/days.txt out/days.txt > out/weeks.txt\n')
  commit('twice')
  git('checkout', '--quiet', 'main')
  project.write('days.sh', 'echo wed > out/days.txt\n')
  const second = commit('wednesday')
  git('checkout', '--quiet', 'feature')
  expect((await against()).base).toEqual({
    ...{ ref: 'main', commit: first, relation: 'merge_base', behind: 1, lacks: null },
  })
  expect(await steps()).toEqual(['weeks: code'])
  expect((await against('main --no-merge-base')).base).toMatchObject({
    commit: second,
    relation: 'itself',
  })
  expect(await steps('main --no-merge-base')).toEqual(['days: code', 'weeks: code'])
  expect(await project.show('plan --against main')).toContain(
    'working tree against the merge base of main and HEAD',
  )
})

test('without a common commit, the one that is named counts, and the report says so', async () => {
  git('checkout', '--quiet', '--orphan', 'elsewhere')
  commit('unrelated')
  expect((await against()).base.relation).toBe('unrelated')
  expect(await project.show('plan --against main')).toContain(
    'git knows no merge base of main and HEAD',
  )
})

test('a branch that only a remote has is found by its name', async () => {
  gitAt(other)('clone', '--quiet', '--bare', project.root, 'remote')
  git('remote', 'add', 'origin', join(other, 'remote'))
  git('fetch', '--quiet', 'origin')
  git('checkout', '--quiet', '-b', 'feature')
  git('branch', '--quiet', '--delete', '--force', 'main')
  expect((await against()).base).toMatchObject({ ref: 'origin/main', relation: 'itself' })
})

test('files that git ignores, an untracked .env and the environment are the same for both', async () => {
  project.write('lib/key.secret', 'one')
  project.write('.env', 'RATE=1\n')
  expect(await steps()).toEqual([])
  project.write('lib/key.secret', 'two')
  project.write('lib/deep/more.secret', 'three')
  project.write('.env', 'RATE=2\n')
  expect(await steps()).toEqual([])
  rmSync(join(project.root, 'lib/key.secret'))
  rmSync(join(project.root, 'lib/deep'), { recursive: true })
  expect(await steps()).toEqual([])
  git('rm', '--quiet', '--cached', '.gitignore')
  rmSync(join(project.root, '.gitignore'))
  project.write('.env', 'RATE=3\n')
  expect(await steps()).toEqual([])
})

test('a tracked file of the commit counts, although git ignores one of that name here', async () => {
  git('add', '--force', '.gitignore')
  project.write('lib/b.sh', '# tracked\n')
  commit('tracked')
  git('checkout', '--quiet', '-b', 'feature')
  git('rm', '--quiet', '--cached', 'lib/b.sh')
  project.write('.gitignore', `${FILES['.gitignore']}lib/b.sh\n`)
  project.write('lib/b.sh', '# other\n')
  expect(await steps()).toEqual(['weeks: code'])
})

test('an ignored link into the repository leads to the file of its side', async () => {
  project.write('shared/x.sh', '# one\n')
  commit('shared')
  symlinkSync('../shared', join(project.root, 'lib/folder.secret'))
  symlinkSync('../shared/x.sh', join(project.root, 'lib/x.secret'))
  expect(await steps()).toEqual([])
  project.write('shared/x.sh', '# two\n')
  expect(await steps()).toEqual(['weeks: code'])
})

test('attributes for archives hide no file, and links stay links', async () => {
  project.write('.gitattributes', 'lib/a.sh export-ignore\ndays.sh export-subst\n')
  project.write('days.sh', 'echo $Format:%H$ > out/days.txt\n')
  symlinkSync('a.sh', join(project.root, 'lib/link.sh'))
  commit('attributes')
  expect(await steps()).toEqual([])
  rmSync(join(project.root, 'lib/link.sh'))
  expect(await steps()).toEqual(['weeks: code'])
})

test('a submodule counts at its commit, and one that is not at hand is said', async () => {
  const sub = join(other, 'sub')
  mkdirSync(sub)
  const source = new InProcessProject({ 's.sh': '# one\n' })
  repositoryAt(source.root)
  git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', source.root, 'lib/sub')
  commit('submodule')
  expect(await steps()).toEqual([])
  project.write('lib/sub/s.sh', '# two\n')
  expect(await steps()).toEqual(['weeks: code'])
  gitAt(join(project.root, 'lib/sub'))('commit', '--quiet', '--all', '--message=two')
  git('checkout', '--quiet', '-b', 'feature')
  commit('moves the submodule')
  expect(await steps()).toEqual(['weeks: code'])
  rmSync(join(project.root, 'lib/sub'), { recursive: true })
  rmSync(join(project.root, '.assets/against'), { recursive: true })
  expect(await project.show('plan --against main')).toContain(
    'main: the submodule lib/sub is not at hand at its commit, so it is empty there',
  )
  source.remove()
})

test('everything is new where the commit has no project, or not the target', async () => {
  git('mv', 'assets.yaml', 'later.yaml')
  commit('no project')
  git('branch', '--quiet', 'before')
  git('mv', 'later.yaml', 'assets.yaml')
  commit('a project')
  expect(await steps('before')).toEqual(['days: missing', 'weeks: missing'])
  expect((await against('before')).base.lacks).toBe('project')
  project.write('assets.yaml', `${YAML}  staging: {}\n`)
  expect((await against('main --target staging')).base.lacks).toBe('target')
  expect(await project.show('plan --against main --target staging')).toContain(
    'main has no target staging, so everything is new',
  )
})

test('what is new, gone, renamed or written elsewhere is named', async () => {
  project.write('more.yaml', ASSETS.replace('weeks:', 'months:').replace('days.txt', 'd.txt'))
  const found = await against()
  expect(found.added).toEqual(['months'])
  // The new asset writes the file of the one that is gone.
  expect(found.removed).toEqual([{ asset: 'weeks', kind: 'command', relation: null, files: [] }])
  expect(found.moved).toEqual([
    { asset: 'days', from: 'out/local/days.txt', to: 'out/local/d.txt' },
  ])
  const messages = found.steps.map(({ reasons }) => reasons[0]!.message)
  const { base } = found
  const name = `main (${base.commit.slice(0, 7)})`
  expect(messages).toEqual([
    `it belongs at out/local/d.txt now; ${name} has it at out/local/days.txt`,
    `new: ${name} does not have it`,
  ])
})

test('--exit-code is 4 if something would be built, and a selection is one', async () => {
  expect(await project.show('plan --against main --exit-code')).not.toMatch(/^exit/m)
  project.write('weeks.sh', 'true\n')
  expect(await project.show('plan --against main --exit-code')).toMatch(/^exit 4$/m)
  expect(await project.show('plan days --against main --exit-code')).not.toMatch(/^exit/m)
})

test('the time is that of the last builds, if the state is on this machine', async () => {
  project.write('assets.yaml', YAML.replace('{}', '{state: {type: sqlite, path: kept.sqlite}}'))
  project.write('out/local/.keep', '')
  project.write('days.sh', 'echo mon > out/local/days.txt\n')
  project.write('weeks.sh', 'cat out/local/days.txt > out/local/weeks.txt\n')
  commit('builds')
  project.write('days.sh', 'echo tue > out/local/days.txt\n')
  expect(await project.show('plan --against main')).not.toContain('based on the last builds')
  expect(existsSync(join(project.root, 'kept.sqlite'))).toBe(false)
  expect(await project.show('materialize')).toContain('run 1 succeeded')
  expect(await project.show('plan --against main')).toContain('based on the last builds')
})

test('no secret of the target is fetched', async () => {
  const secret = `{connections: {shop: {type: postgres, url: "\${secret:shop#url}"}}}`
  project.write('assets.yaml', YAML.replace('local: {}', `local: ${secret}`))
  project.write('.assets/state.sqlite', '')
  project.write('days.sh', 'echo tue > out/days.txt\n')
  let asked = 0
  const secrets = async () => {
    asked += 1
    throw new Error('no secret may be fetched')
  }
  let text = ''
  const write = (more: string) => {
    text += more
  }
  const context = { ...project.context(write, write), registries: { ...registries, secrets } }
  expect([await main(['plan', '--against', 'main'], context), asked]).toEqual([0, 0])
  expect(text).toContain('1 will build')
})

test('neither the index, nor a worktree, nor a file of the project is touched', async () => {
  project.write('days.sh', 'echo tue > out/days.txt\n')
  project.write('lib/new.sh', '# new\n')
  git('add', 'lib/new.sh')
  const before = git('status', '--porcelain=v2', '--untracked-files=all')
  await steps()
  expect(git('status', '--porcelain=v2', '--untracked-files=all')).toBe(before)
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1)
  expect(existsSync(join(project.root, '.assets/state.sqlite'))).toBe(false)
  expect(readdirSync(join(project.root, '.assets/scratch'))).toEqual([])
})

test('two commands make the tree of a commit at the same time', async () => {
  project.write('days.sh', 'echo tue > out/days.txt\n')
  const both = await Promise.all([steps(), steps()])
  expect(both).toEqual([
    ['days: code', 'weeks: pending'],
    ['days: code', 'weeks: pending'],
  ])
})

test('the trees of the last commits are kept, and those that may be in use', async () => {
  for (let k = 0; k < 5; k++) {
    await against('HEAD')
    project.write('days.sh', `echo ${k} > out/days.txt\n`)
    commit(`${k}`)
  }
  const folder = join(project.root, '.assets/against')
  const trees = () => readdirSync(folder).filter((name) => !name.endsWith('.links'))
  expect(trees()).toHaveLength(5)
  for (const name of trees()) utimesSync(join(folder, name), 1, 1)
  await against('HEAD')
  expect(trees()).toHaveLength(3)
  expect(trees()).toContain(git('rev-parse', 'HEAD').slice(0, 16))
})
