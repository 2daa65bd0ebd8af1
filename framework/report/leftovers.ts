import type { RunEvent } from '../model/event.ts'
import type { LeftAt } from '../model/record.ts'
import type { LeftoverFate } from '../plan/leftovers.ts'
import type { Style } from './style.ts'
import { asTyped, cell, columnOf, cutRows } from './text.ts'

/** Assets that a suggested command names; more than these are left to a command about everything. */
const NAMED = 3

/** A relation or file at an old place, as `plan` and the end of a run show it. */
export interface LeftoverLine {
  readonly asset: string
  readonly is: LeftAt['is']
  readonly place: string
  readonly belongsAt: string | null
  readonly outcome: 'dropped' | 'will_drop' | 'remains'
  /** Why `--prune` does not drop it; null if it does. */
  readonly because: string | null
}

/** The lines of a plan. `prune`: the command has `--prune`. */
export function leftoverLines(
  fates: readonly LeftoverFate[],
  prune: boolean,
): readonly LeftoverLine[] {
  return fates.map(({ leftover: { asset, is, place }, belongsAt, fate }) => ({
    asset,
    is,
    place,
    belongsAt,
    outcome: prune && fate.fate === 'drop' ? 'will_drop' : 'remains',
    because: fate.fate === 'keep' ? fate.because : null,
  }))
}

export type LeftoverEvent = Extract<RunEvent, { readonly event: 'leftover' }>

/** What was left at old places, and how to drop it. Empty without lines. */
export function leftoverSection(lines: readonly LeftoverLine[], style: Style): string[] {
  if (lines.length === 0) return []
  const column = columnOf(lines.map(({ place }) => place))
  const rows = cutRows(lines, style, ({ place, asset, belongsAt, outcome, because }) => {
    const now =
      belongsAt === null
        ? `${asset} is no more in the project`
        : `${asset} belongs at ${belongsAt} now`
    return [`  ${cell(place, column)}${WORDS[outcome]}: ${now}; ${because ?? 'nothing reads it'}`]
  })
  const open = lines.filter(({ outcome, because }) => outcome === 'remains' && because === null)
  return ['at an old place', ...rows, ...hints(lines, open, style)]
}

const WORDS = { dropped: 'dropped', will_drop: 'will be dropped', remains: 'remains' } as const

function hints(
  lines: readonly LeftoverLine[],
  open: readonly LeftoverLine[],
  style: Style,
): string[] {
  const { target, paint } = style
  const kept = lines.filter(({ because }) => because !== null)
  const names = [...new Set(open.map(({ asset }) => asset))]
  const words = names.length > NAMED ? [] : [...names, '--only']
  const at = target === undefined ? [] : ['--target', target]
  const command = ['assets materialize', ...words, '--prune', ...at].join(' ')
  return [
    ...(open.length === 0
      ? []
      : [`drop what nothing reads: ${paint.bold(asTyped(command, style))}`]),
    ...(kept.length === 0
      ? []
      : ['--prune leaves the rest alone: remove it yourself if nobody needs it']),
  ]
}

/** A line as JSON, in `assets/plan/1`. */
export function leftoverJson(line: LeftoverLine) {
  const { asset, is, place, belongsAt, outcome, because } = line
  return { asset, is, place, belongs_at: belongsAt, outcome, because } as const
}
