import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Materialization } from '../../../framework/model/record.ts'
import { create as openPostgres } from '../../../framework/state/postgres/index.ts'
import { create as openSqlite } from '../../../framework/state/sqlite/index.ts'
import { temporaryFolder } from './command.ts'
import type { KillProject } from './place.ts'
import { runningIn } from './processes.ts'

/** The run that committed each asset, as the state has it. */
export type Committed = ReadonlyMap<string, Pick<Materialization, 'run' | 'finishedAt'>>

/** How long what was told to end may need, in milliseconds: SIGKILL comes after five seconds. */
const PATIENCE = 8_000

export async function committedIn({ root, env }: KillProject): Promise<Committed> {
  const at = { file: 'assets.yaml', path: [] }
  const url = env.STATE_URL
  const isThere = url !== undefined || existsSync(join(root, '.assets/state.sqlite'))
  if (!isThere) return new Map()
  const state =
    url === undefined
      ? await openSqlite({ type: 'sqlite', settings: {}, at }, { root, clock: Date.now })
      : await openPostgres(
          { type: 'postgres', settings: { url, schema: 'assets' }, at },
          { clock: Date.now },
        )
  if (!state.ok) throw new Error(state.problems[0]!.message)
  const snapshot = await state.value.snapshot('local')
  await state.value.close()
  if (!snapshot.ok) throw new Error(snapshot.problems[0]!.message)
  return new Map(
    [...snapshot.value.records].map(([name, { run, finishedAt }]) => [name, { run, finishedAt }]),
  )
}

/** What was committed before a kill and built again after it. */
export function repeated(
  before: Committed,
  after: Committed,
  mayRepeat: readonly string[],
): readonly string[] {
  return [...before].flatMap(([name, { run, finishedAt }]) => {
    const now = after.get(name)
    if (mayRepeat.includes(name)) return []
    if (now?.run === run && now.finishedAt === finishedAt) return []
    return [`${name} was committed by run ${run}, and again by run ${now?.run ?? 'none'}`]
  })
}

/** Where a program went on although its next attempt had begun. */
export function sideBySide({ root }: KillProject): readonly string[] {
  const folder = join(root, 'log')
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    let current = ''
    const lines = readFileSync(join(folder, name), 'utf8').trim().split('\n')
    return lines.flatMap((line) => {
      const [what, run, pid] = line.split(' ')
      if (what === 'begin') current = `${run} ${pid}`
      else if (current !== `${run} ${pid}`)
        return [`${name}: an earlier attempt went on (${lines.join(', ')})`]
      return []
    })
  })
}

/** Processes and files that must be gone at the end. */
export async function leftovers(project: KillProject): Promise<readonly string[]> {
  const { root } = project
  const until = Date.now() + PATIENCE
  let processes = runningIn(root)
  while (processes.length > 0 && Date.now() < until) {
    await setTimeout(50)
    processes = runningIn(root)
  }
  return [
    ...processes.map(({ pid, command }) => `process ${pid} is running: ${command.slice(0, 200)}`),
    ...filesIn(temporaryFolder(project)).map((file) => `a temporary file: ${file}`),
    ...filesIn(join(root, '.assets/scratch')).map((file) => `a scratch file: ${file}`),
    ...filesIn(root)
      .filter((file) => /[.-](tmp|part|new|old)(\b|-)|\.\d+$/.test(file))
      .filter((file) => !/^\.assets\/(source|python)\//.test(file))
      .map((file) => `a part of a file: ${file}`),
    ...(await project.left()),
  ]
}

/** Null if the content is the expected one. */
export function differs(content: unknown, expected: unknown): string | null {
  if (isDeepStrictEqual(content, expected)) return null
  return `the content differs from that of an undisturbed build: ${firstDifference(content, expected)}`
}

function firstDifference(a: unknown, b: unknown, at = ''): string {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return `${at}: ${JSON.stringify(a)?.slice(0, 300)} is not ${JSON.stringify(b)?.slice(0, 300)}`
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [x, y] = [(a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]]
    if (!isDeepStrictEqual(x, y)) return firstDifference(x, y, `${at}/${key}`)
  }
  return at
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}
