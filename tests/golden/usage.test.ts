import { afterAll, expect, test } from 'vitest'
import { commands, verbs } from '../../framework/cli/verbs/index.ts'
import { version } from '../../framework/cli/version.ts'
import { InProcessProject } from '../rig/in-process.ts'

// Outside any project.
const desk = new InProcessProject({})
afterAll(() => desk.remove())

const INVALID_LINES = [
  'materialise',
  'frobnicate',
  'build fact_payment --target prod',
  "ls 'tag:a b'",
  'logs',
  'logs nightly',
  'validate',
  'test',
  'compile --no-introspect',
  'docs generate',
  'refresh -s fact_payment+',
  'help frobnicate',
  'help statu',
  'help ls',
  '-x',
  'status --offlin',
  'status --colour',
  'status --json --bad',
  'why',
  'why a b',
  'run',
  'runs abc',
  'runs 0',
  'runs 1 2',
  'runs --limit many',
  'graph --format png',
  'check everything',
  'status -t',
  'materialize --threads 1.5',
  'savings --since',
  'schema',
  'schema tables',
  'source sqll x',
  'source sql',
  'init a b',
  'status',
]

test('an invalid command line gets a suggestion, exit code 2 and no stack', async () => {
  const shown: string[] = []
  for (const line of INVALID_LINES) shown.push(await desk.show(line))
  for (const text of shown) expect(text).toMatch(/\nexit 2$/)
  await expect(`${shown.join('\n\n')}\n`).toMatchFileSnapshot('usage.txt')
})

const selecting = commands.filter(([, verb]) => 'select' in verb.arguments)

test.each(selecting)(
  'assets %s takes its selection also as -s, and several of them',
  async (words) => {
    for (const given of ['a b', '-s a b', 'a --select b c -s d']) {
      // It parses: the only problem is that there is no project here.
      expect(await desk.show(`${words} ${given}`)).toContain('no assets.yaml in')
    }
  },
)

test.each(['--version', '-v', '-V', 'version'])('assets %s prints the version', async (word) => {
  const shown = await desk.show(word)
  expect(shown.split('\n').slice(1)).toEqual([version()])
})

test('assets help VERB is VERB --help', async () => {
  const [byWord, byOption] = [await desk.show('help status'), await desk.show('status --help')]
  expect(byWord.split('\n').slice(1)).toEqual(byOption.split('\n').slice(1))
})

test('--help of every verb', async () => {
  const groups = verbs.flatMap((entry) => ('verbs' in entry ? [entry.name] : []))
  const words = ['', ...groups, ...commands.map(([words]) => words)]
  const shown: string[] = []
  for (const word of words) shown.push(await desk.show(`${word} --help`.trim()))
  for (const text of shown) expect(text).not.toContain('\nexit ')
  await expect(`${shown.join('\n\n')}\n`).toMatchFileSnapshot('help.txt')
})

test.each(commands)('the declaration of assets %s follows the conventions', async (words, verb) => {
  expect(verb.summary).toMatch(/^[A-Z].*[^.]$/)
  for (const { help } of [...Object.values(verb.arguments), ...Object.values(verb.options)]) {
    expect(help).toMatch(/^(?:[A-Z]|assets\.yaml).*[^.]$/)
  }
  for (const [command] of verb.examples ?? []) {
    expect(command.startsWith(`assets ${words}`)).toBe(true)
    // It parses: the only problem is that there is no project here.
    expect(await desk.show(command.slice('assets '.length).replaceAll('"', "'"))).toContain(
      'no assets.yaml in',
    )
  }
})
