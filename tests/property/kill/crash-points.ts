import { join } from 'node:path'
import { REPOSITORY } from '../../rig/cli.ts'
import { Random } from '../random.ts'
import { start } from './command.ts'
import type { KillPlace } from './place.ts'
import { afterKills, type Round } from './play.ts'

/** At which write to the state a command is killed, counted from 1, and on which side of the commit. */
export interface CrashPoint {
  readonly write: number
  readonly when: 'before' | 'after'
}

/**
 * Kills a first run of a place at a write to its state, and lets the same command finish. Null if the run has
 * fewer writes.
 */
export async function crashAt(
  place: KillPlace,
  { write, when }: CrashPoint,
  seed: number,
): Promise<Round | null> {
  const { project, expected } = await place.begin(new Random(seed))
  const hook = join(REPOSITORY, 'tests/property/kill/crash-at.cjs')
  const env = { NODE_OPTIONS: `--require ${hook}`, KILL_AT: String(write), KILL_WHEN: when }
  const { signal } = await start({
    ...project,
    root: project.root,
    env: { ...project.env, ...env },
  }).ended
  if (signal === null) {
    await place.end(project)
    return null
  }
  const violations = await afterKills(project, expected, new Map(), [])
  if (violations.length === 0) await place.end(project)
  return { killed: [], violations }
}
