import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Random } from '../random.ts'
import { start } from './command.ts'
import type { KillPlace, KillProject } from './place.ts'
import { afterKills, endOf } from './play.ts'

/** What a race of many processes found. */
export interface Race {
  readonly kills: number
  readonly violations: readonly string[]
}

/**
 * Starts `size` commands at once on one project. In every other race some of them are killed. All others succeed,
 * and without a kill each program runs exactly once.
 */
export async function race(place: KillPlace, size: number, seed: number): Promise<Race> {
  const random = new Random(seed)
  const { project, expected } = await place.begin(random)
  const violations: string[] = []
  const all = Array.from({ length: size }, () => start(project))
  const victims = seed % 2 === 0 ? [] : all.filter(() => random.chance(0.25))
  for (const victim of victims) {
    await setTimeout(random.below(600))
    victim.child.kill('SIGKILL')
  }
  for (const each of all) {
    const result = await endOf(each)
    if (typeof result === 'string') violations.push(result)
    else if (result.code !== 0 && !victims.includes(each)) {
      violations.push(`a command failed: ${result.stdout}${result.stderr}`)
    }
  }
  violations.push(...(await afterKills(project, expected, new Map(), [])))
  if (victims.length === 0) violations.push(...twice(project))
  if (violations.length === 0) await place.end(project)
  return { kills: victims.length, violations }
}

/** Programs that ran more than once. */
function twice({ root }: KillProject): readonly string[] {
  const folder = join(root, 'log')
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').trim().split('\n')
    return lines.length === 2 ? [] : [`${name} ran more than once: ${lines.join(', ')}`]
  })
}
