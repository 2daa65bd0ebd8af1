import { firstBuildSubject } from '../model/first-build.ts'
import type { Change } from '../ports/state.ts'
import { type Decided, firstBuilds } from './adopt/candidates.ts'
import type { RunState } from './run-state.ts'

/**
 * Notes the assets that this run is to build for the first time and that may exist, before it builds anything: if it
 * stops in between, nobody can vouch for what they hold (SEMANTICS 43). The commit of an asset deletes its note.
 */
export function noteFirstBuilds(
  runState: Pick<RunState, 'firstBuilds'>,
  decided: Decided,
  run: number,
): readonly Change[] {
  const noted = firstBuilds(decided)
  for (const i of noted) runState.firstBuilds.add(i)
  return noted.map((i) => firstBuildChange(decided.world.name(i), String(run)))
}

/** `token`: the run; null to delete the note. */
export function firstBuildChange(asset: string, token: string | null): Change {
  return { change: 'change_token', subject: firstBuildSubject(asset), token }
}
