import type { Decisions } from '../staleness/decide-all.ts'
import type { Request, World } from '../staleness/world.ts'

/**
 * The assets whose comments a run sets although nothing asks for a build of them (SEMANTICS 34), in the
 * order of the project. If a `pending` one of them is built, the build sets its comments. Pure.
 */
export function commentsToSet(
  world: World,
  request: Request,
  { verdicts }: Decisions,
): readonly string[] {
  return [...world.parts.words.keys()].filter((name) => {
    const i = world.graph.indexOf(name)
    if (i === undefined || !request.inRun(i) || world.described.has(name)) return false
    const { state } = verdicts[i]!
    return (state === 'fresh' || state === 'pending') && world.state.records.has(name)
  })
}
