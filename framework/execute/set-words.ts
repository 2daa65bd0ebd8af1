import { groupBy } from '../lib/group-by.ts'
import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { Materialization } from '../model/record.ts'
import { type Words, wordsSubject, wordsToken } from '../model/words.ts'
import type { Inspections } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import type { Change, Lease } from '../ports/state.ts'
import type { Kinds } from '../staleness/define.ts'
import type { RunState } from './run-state.ts'

export interface WordSetting {
  readonly lease: Lease
  readonly kinds: Kinds
  readonly site: Site
  readonly emit: (event: RunEvent) => void
}

/** An asset that is done, with what its comments must hold. */
interface Worded {
  readonly i: number
  readonly words: Words
  /** The record now. */
  readonly record: Materialization
}

/**
 * Sets the comments of the assets that are fresh at the end of a run and whose words changed, and records
 * which words each asset holds (SEMANTICS 34). `asked`: whether a kind was asked to change the warehouse.
 * Problems: comments that can't be set, which leave their assets fresh; the state can't be written.
 */
export async function setWords(
  runState: RunState,
  setting: WordSetting,
): Promise<{ readonly asked: boolean; readonly problems: readonly Problem[] }> {
  const { lease, site } = setting
  const { changeTokens } = runState.world.state
  const known: Change[] = []
  const unset: Worded[] = []
  for (const worded of changedAssets(runState)) {
    if (wasSetByBuild(runState, worded)) known.push(holds(worded))
    else unset.push(worded)
  }
  const asks = unset.length > 0 && !site.signal.aborted
  // If the run dies from here on, or the words are changed back, what a comment holds is not known.
  const forgotten = unset.flatMap(({ record }): Change[] => {
    const subject = wordsSubject(record.asset)
    return asks && changeTokens.has(subject)
      ? [{ change: 'change_token', subject, token: null }]
      : []
  })
  const changes = [...known, ...forgotten]
  const written = changes.length > 0 ? await lease.write(changes) : null
  if (written?.ok === false) return { asked: false, problems: written.problems }
  return asks
    ? { asked: true, problems: await describe(runState, unset, setting) }
    : { asked: false, problems: [] }
}

/** The assets of the run that have words, exist, and were not left unfinished, unless nothing changed. */
function* changedAssets(runState: RunState): Generator<Worded> {
  const { world, request, committed } = runState
  for (const [name, words] of world.parts.words) {
    const i = world.graph.indexOf(name)
    if (i === undefined || !request.inRun(i)) continue
    const built = committed.get(i)
    const state = runState.outcome[i]?.state ?? runState.verdict[i]!.state
    const isDone = built !== undefined || state === 'fresh' || state === 'released'
    if (!isDone || (built === undefined && world.described.has(name))) continue
    const record = built ?? world.state.records.get(name)
    if (record !== undefined) yield { i, words, record }
  }
}

/** Whether a build of this run set the words. It may not have deleted those that were there before. */
function wasSetByBuild({ world, committed }: RunState, { i, words, record }: Worded): boolean {
  const isBuilt = committed.has(i) && record.how !== 'adopted'
  return isBuilt && (!words.kept || world.described.has(record.asset))
}

/** Asks the kinds to set comments, and records what they set. */
async function describe(
  { world }: RunState,
  unset: readonly Worded[],
  { lease, kinds, site, emit }: WordSetting,
): Promise<readonly Problem[]> {
  const problems: Problem[] = []
  for (const [name, group] of groupBy(unset, ({ i }) => world.kind(i))) {
    const { describer } = await kinds(name)
    if (describer === undefined) throw new Error(`${name} defines words and can't set them`)
    const subjects = group.map(({ i }) => ({
      asset: world.asset(i),
      definition: world.definition(i)!,
    }))
    const described = await describer.describe(subjects, site)
    if (!site.signal.aborted) problems.push(...described.problems)
    const done = group.filter(({ record }) => described.set.has(record.asset))
    if (done.length === 0) continue
    const changes = done.flatMap((worded) => {
      const record = remeasured(worded.record, described.set.get(worded.record.asset)!)
      const commit: Change[] = record === null ? [] : [{ change: 'commit', record }]
      return [...commit, holds(worded)]
    })
    const written = await lease.write(changes)
    if (!written.ok) return [...problems, ...written.problems]
    emit({ event: 'comments_set', assets: done.map(({ record }) => record.asset) })
  }
  return problems
}

const holds = ({ words, record }: Worded): Change => ({
  change: 'change_token',
  subject: wordsSubject(record.asset),
  token: wordsToken(words, record.run),
})

/**
 * The record with the change token and the definition that the relation has with its new comments, so that
 * they are not taken for drift. Null if nothing moved, or if the relation was not as recorded before. Pure.
 */
export function remeasured(
  record: Materialization,
  { before, after }: Inspections,
): Materialization | null {
  if (before === null || after === null) return null
  const token = before.token === undefined ? record.token : before.token
  if (before.installed !== record.installed || token !== record.token) return null
  const now = {
    installed: after.installed,
    token: record.token === null ? null : (after.token ?? record.token),
  }
  const isSame = now.installed === record.installed && now.token === record.token
  return isSame ? null : { ...record, ...now }
}
