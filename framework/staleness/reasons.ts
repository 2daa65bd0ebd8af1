import { groupBy } from '../lib/group-by.ts'
import type { Check, CodePart, Definition } from '../model/definition.ts'
import type { Forced, JournalEntry, RecordedInput } from '../model/record.ts'
import { REASONS, type Reason, type ReasonName, type Verdict } from '../model/verdict.ts'
import type { Settled } from '../model/version.ts'

const rank = new Map<ReasonName, number>(REASONS.map((name, index) => [name, index]))

/** A stale verdict with its reasons in the order of `REASONS`; null without reasons. */
export function staleBecause(reasons: readonly Reason[]): Verdict | null {
  const [first, ...rest] = [...reasons].sort(
    (a, b) => rank.get(a.reason)! - rank.get(b.reason)! || compare(a.asset ?? '', b.asset ?? ''),
  )
  return first === undefined ? null : { state: 'stale', reasons: [first, ...rest] }
}

/** An input of a node at the moment of the decision. */
export interface Input {
  readonly name: string
  readonly settled: Settled
  /** The hash of the statement that an ephemeral input is inlined as; null for any other input. */
  readonly inlined: string | null
  /** Whether that statement is worked out from data. */
  readonly isRenderedFromData: boolean
}

/** `code`: the definition is not the one that was built; names the parts that differ. */
export function codeReason(
  recorded: { readonly codeVersion: string; readonly parts: readonly CodePart[] },
  current: Pick<Definition | Check, 'codeVersion' | 'parts'>,
): Reason | null {
  if (recorded.codeVersion === current.codeVersion) return null
  const pinned = pinReason(recorded, current)
  if (pinned !== null) return pinned
  const before = new Map(recorded.parts.map((part) => [part.label, part.version]))
  const now = new Set(current.parts.map((part) => part.label))
  const changed = current.parts.filter((part) => before.get(part.label) !== part.version)
  const gone = recorded.parts.filter((part) => !now.has(part.label))
  const labels = [...partTexts(changed), ...gone.map((part) => `${part.label} was removed`)]
  return {
    reason: 'code',
    from: recorded.codeVersion,
    to: current.codeVersion,
    parts: [...changed, ...gone],
    message: labels.length === 0 ? 'its code changed' : `its code changed: ${labels.join(', ')}`,
  }
}

/** Each part, then those that no code names, with what makes them count. */
function partTexts(parts: readonly CodePart[]): readonly string[] {
  const groups = groupBy(parts, ({ because }) => because ?? null)
  const texts = (of: readonly CodePart[]) =>
    of.map(({ label, file }) => (file === undefined ? label : `${label} (${file})`))
  const unnamed = [...groups].flatMap(([because, of]) =>
    because === null ? [] : [`${texts(of).join(', ')} (because of ${because})`],
  )
  return [...texts(groups.get(null) ?? []), ...unnamed]
}

/** The label of the only part of a code version that YAML pins. */
export const PIN = 'code_version'

/** A pin replaces all parts, so if one was added or removed the parts can't be compared. */
function pinReason(
  recorded: { readonly codeVersion: string; readonly parts: readonly CodePart[] },
  current: Pick<Definition | Check, 'codeVersion' | 'parts'>,
): Reason | null {
  const [was, is] = [recorded, current].map(({ parts }) => parts.find(({ label }) => label === PIN))
  if (was === undefined && is === undefined) return null
  const message =
    is === undefined
      ? `its code_version was ${was!.version} and is not pinned any more`
      : `its code_version is ${is.version} (${is.file}) and was ${was?.version ?? 'not pinned'}`
  const parts = [is ?? was!]
  return { reason: 'code', from: recorded.codeVersion, to: current.codeVersion, parts, message }
}

/** `deps`: it does not read the assets that it was built from. */
export function depsReason(
  recorded: readonly RecordedInput[],
  inputs: readonly Input[],
): Reason | null {
  const before = new Set(recorded.map((input) => input.name))
  const now = new Set(inputs.map((input) => input.name))
  const added = inputs.filter((input) => !before.has(input.name)).map((input) => input.name)
  const removed = recorded.filter((input) => !now.has(input.name)).map((input) => input.name)
  if (added.length === 0 && removed.length === 0) return null
  const says = [
    added.length > 0 ? `now reads ${added.join(', ')}` : null,
    removed.length > 0 ? `no longer reads ${removed.join(', ')}` : null,
  ].filter((part) => part !== null)
  return { reason: 'deps', message: says.join('; ') }
}

/** `data` or `unknown` for each input whose version is not the one that it was built from. */
export function dataReasons(
  recorded: readonly RecordedInput[],
  inputs: readonly Input[],
): readonly Reason[] {
  const before = new Map(recorded.map((input) => [input.name, input.version]))
  const reasons: Reason[] = []
  for (const { name, settled } of inputs) {
    const from = before.get(name)
    // An input that is not recorded is a reason of `deps`.
    if (from === undefined || settled.state === 'unsettled' || settled.state === 'absent') continue
    if (settled.state === 'unknown') {
      reasons.push({
        reason: 'unknown',
        asset: name,
        message: `the content of ${name} can't be known`,
      })
    } else if (from === null) {
      reasons.push({
        reason: 'unknown',
        asset: name,
        to: settled.version,
        message: `the version of ${name} that it was built from is not known`,
      })
    } else if (from !== settled.version) {
      reasons.push({
        reason: 'data',
        asset: name,
        from,
        to: settled.version,
        message: `${name} changed`,
      })
    }
  }
  return reasons
}

/** `forced`: requested by this command, or by one that did not finish it. */
export function forcedReason(forced: Forced): Reason {
  const message = forced === 'forced' ? 'requested with --force' : 'must be built in full'
  return { reason: 'forced', message }
}

/** `interrupted` or `failed`: a step was begun and not committed. */
export function journalReason(entry: JournalEntry): Reason | null {
  switch (entry.phase.state) {
    case 'begun':
      return { reason: 'interrupted', message: `run ${entry.run} began it and did not finish` }
    case 'cancelled':
      return { reason: 'interrupted', message: `run ${entry.run} was stopped before it finished` }
    case 'failed':
      return { reason: 'failed', message: `failed in run ${entry.run}: ${entry.phase.message}` }
    case 'building':
      return null
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
