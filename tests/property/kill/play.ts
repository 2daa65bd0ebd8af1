import { setTimeout } from 'node:timers/promises'
import type { CliResult, RunningCommand } from '../../rig/cli.ts'
import { Random } from '../random.ts'
import { start } from './command.ts'
import { type Committed, committedIn, differs, leftovers, repeated, sideBySide } from './laws.ts'
import type { KillPlace, KillProject } from './place.ts'
import { kill, type Victim } from './victims.ts'

/** What one round of kills found. */
export interface Round {
  /** Who was killed, in order. */
  readonly killed: readonly Victim[]
  readonly violations: readonly string[]
}

/** A command that has not ended by then hangs. Milliseconds. */
const HANG = 120_000
/** The most kills of a round. */
const MOST_KILLS = 8

/** Kills `assets materialize` again and again, then lets it end, and checks the laws. */
export async function play(place: KillPlace, seed: number): Promise<Round> {
  const random = new Random(seed)
  const { project, expected } = await place.begin(random)
  const killed: Victim[] = []
  const violations: string[] = []
  try {
    let before = await committedIn(project)
    const initial = before
    const count = 1 + random.below(MOST_KILLS)
    for (let number = 0; number < count; number++) {
      const running = start(project, '--json')
      const isOver = await Promise.race([
        running.ended.then(() => true),
        setTimeout(random.next() * place.span * 0.9, false),
      ])
      if (isOver) break
      killed.push(await kill(running.child.pid!, project, random))
      const result = await endOf(running)
      if (typeof result === 'string') return { killed, violations: [result] }
      violations.push(...outcry(result))
      const after = await committedIn(project)
      violations.push(...repeated(beyond(before, initial), after, mayRepeat(project, killed)))
      before = after
    }
    const known = beyond(before, initial)
    violations.push(...(await afterKills(project, expected, known, mayRepeat(project, killed))))
    return { killed, violations }
  } finally {
    if (violations.length === 0) await place.end(project)
  }
}

/** Lets the same command finish, and checks the laws. `known`: what was committed before. */
export async function afterKills(
  project: KillProject,
  expected: unknown,
  known: Committed,
  mayRepeat: readonly string[],
): Promise<readonly string[]> {
  const result = await endOf(start(project))
  if (typeof result === 'string') return [result]
  if (result.code !== 0) return [`the same command failed: ${result.stdout}${result.stderr}`]
  const violations = [...outcry(result), ...repeated(known, await committedIn(project), mayRepeat)]
  const again = await endOf(start(project))
  const said = typeof again === 'string' ? again : again.stdout
  if (!said.includes('nothing to do')) violations.push(`another run had something to do: ${said}`)
  violations.push(...(await leftovers(project)), ...sideBySide(project))
  const difference = differs(await project.content(), expected)
  return difference === null ? violations : [...violations, difference]
}

/** What was committed since the round began. */
function beyond(now: Committed, initial: Committed): Committed {
  return new Map([...now].filter(([name, { run }]) => initial.get(name)?.run !== run))
}

/** A source that crashed can't prove that its tables are unchanged. */
function mayRepeat({ ofServer }: KillProject, killed: readonly Victim[]): readonly string[] {
  return killed.includes('a server') ? ofServer : []
}

/** How a command ended; a violation if it hangs. */
export async function endOf(running: RunningCommand): Promise<CliResult | string> {
  const result = await Promise.race([running.ended, setTimeout(HANG, null)])
  if (result !== null) return result
  running.child.kill('SIGKILL')
  return 'a command hangs'
}

/** No message is a bug or a stack trace. */
function outcry({ stdout, stderr }: CliResult): readonly string[] {
  const said = stdout + stderr
  return /\n\s+at .*:\d+|this is a bug|report it as a bug/.test(said)
    ? [`a stack trace or a bug: ${said.slice(-2_000)}`]
    : []
}
