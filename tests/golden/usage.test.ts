import { expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

/** Command lines that nobody meant, outside any project. */
const LINES = [
  'materialise',
  'frobnicate',
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

test('bad usage is told with what was meant, ends with 2, and shows no stack', async () => {
  const desk = new InProcessProject({})
  const shown: string[] = []
  for (const line of LINES) shown.push(await desk.show(line))
  desk.remove()
  for (const text of shown) expect(text).toMatch(/\nexit 2$/)
  await expect(`${shown.join('\n\n')}\n`).toMatchFileSnapshot('usage.txt')
})
