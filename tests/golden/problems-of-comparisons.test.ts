import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gitAt, repositoryAt } from '../rig/git.ts'
import { InProcessProject } from '../rig/in-process.ts'

const FILES = {
  'assets.yaml': `version: 1
project: shop
default_target: local
include: [more.yaml]
targets:
  local: {}
`,
  'more.yaml':
    'assets:\n  days: {kind: command, run: sh days.sh, code: [days.sh], outputs: [days.txt]}\n',
  'days.sh': 'echo mon > days.txt\n',
}

/** Each makes a project with the problem. `outside`: an empty folder. */
const CASES: Readonly<Record<string, (project: InProcessProject, outside: string) => string>> = {
  'no git': () => 'plan --against main',
  'no repository': () => 'plan --against main',
  'a name that nothing has': (project) => {
    repositoryAt(project.root)('branch', 'release')
    return 'plan --against relaese'
  },
  'a name that looks like an option': (project) => {
    repositoryAt(project.root)
    return 'plan --against=--all'
  },
  'a repository without commits': (project) => {
    gitAt(project.root)('init', '--quiet')
    return 'plan --against main'
  },
  'a shallow clone': (project, outside) => {
    const git = repositoryAt(project.root)
    git('branch', 'release')
    project.write('days.sh', 'echo tue > days.txt\n')
    git('commit', '--quiet', '--all', '--message=two')
    git('clone', '--quiet', '--depth=1', `file://${project.root}`, join(outside, 'clone'))
    rmSync(join(project.root, '.git'), { recursive: true })
    git('clone', '--quiet', '--depth=1', `file://${outside}/clone`, 'again')
    for (const file of Object.keys(FILES)) rmSync(join(project.root, file))
    gitAt(project.root)('-C', 'again', 'config', 'core.worktree', project.root)
    gitAt(project.root)('-C', 'again', 'checkout', '--quiet', '--force', 'main')
    gitAt(project.root)('init', '--quiet', '--separate-git-dir=again/.git', '.')
    return 'plan --against release'
  },
  'a dbt project outside the repository': (project, outside) => {
    mkdirSync(join(outside, 'dbt'))
    project.write(
      'assets.yaml',
      `${FILES['assets.yaml']}dbt: {project_dir: ${outside}/dbt, models: declared}\n`,
    )
    repositoryAt(project.root)
    return 'plan --against main'
  },
  'a commit whose project has problems': (project) => {
    project.write(
      'more.yaml',
      'assets:\n  days: {kind: comand, run: sh days.sh}\n  weeks: {kind: command}\n',
    )
    repositoryAt(project.root)
    project.write('more.yaml', FILES['more.yaml'])
    return 'plan --against main'
  },
  'a damaged repository': (project) => {
    const git = repositoryAt(project.root)
    const object = git('rev-parse', 'HEAD:days.sh').trim()
    project.write('days.sh', 'echo tue > days.txt\n')
    rmSync(join(project.root, '.git/objects', object.slice(0, 2), object.slice(2)))
    return 'plan --against main'
  },
  'a form without a comparison': () => 'plan --markdown',
  'the named commit without a comparison': () => 'plan --no-merge-base',
  'two forms at once': () => 'plan --against main --markdown --json',
}

test('problems of comparisons with a commit', async () => {
  const texts: string[] = []
  for (const [title, make] of Object.entries(CASES)) {
    const outside = mkdtempSync(join(tmpdir(), 'assets-outside-'))
    const env = title === 'no git' ? { PATH: outside } : {}
    const project = new InProcessProject(FILES, env)
    const line = make(project, outside)
    const text = await project.show(line)
    const json = await project.show(line.includes('--json') ? line : `${line} --json`)
    project.remove()
    rmSync(outside, { recursive: true, force: true })
    const codes = new Set([...json.matchAll(/"code": ?"([^"]+)"/g)].map(([, code]) => code))
    expect(codes.size, `${title}: ${json}`).toBeGreaterThan(0)
    texts.push(`# ${title} [${[...codes].join(', ')}]\n\n${text.replaceAll(outside, '<outside>')}`)
  }
  await expect(`${texts.join('\n\n\n')}\n`).toMatchFileSnapshot('problems/comparisons.txt')
})
