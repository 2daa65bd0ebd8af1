/** Everything that decides what a build from nothing gives: the files of a project and the environment. */
export interface ProjectState {
  readonly files: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
}

/** A project that the generator edits. */
export interface SoakProject extends ProjectState {
  readonly name: string
  /** Values that each environment variable may take, besides being unset. */
  readonly values: Readonly<Record<string, readonly string[]>>
  /** The assets and what they read, as the project begins. */
  readonly deps: Readonly<Record<string, readonly string[]>>
  /** The file of an asset's model, without its ending, if it is not the asset's name. */
  readonly models: Readonly<Record<string, string>>
  /** Assets that build on their own content. */
  readonly accumulating: Readonly<Record<string, 'incremental' | 'snapshot'>>
  /** Assets with a materialization of the project, which may fail on a relation of another type. */
  readonly custom: readonly string[]
}

/** Other files and variables; null removes one. */
export interface Change {
  /** What kind of edit it is. */
  readonly label: string
  readonly files: Readonly<Record<string, string | null>>
  readonly env: Readonly<Record<string, string | null>>
}

export function changed(state: ProjectState, { files, env }: Change): ProjectState {
  return { files: merged(state.files, files), env: merged(state.env, env) }
}

/** The change that leads from one state to another. */
export function between(from: ProjectState, to: ProjectState, label: string): Change {
  return { label, files: difference(from.files, to.files), env: difference(from.env, to.env) }
}

export function isEmpty({ files, env }: Change): boolean {
  return Object.keys(files).length + Object.keys(env).length === 0
}

/** Two changes in one. */
export function both(state: ProjectState, first: Change, second: Change): Change {
  const label = `${first.label} + ${second.label}`
  return between(state, changed(changed(state, first), second), label)
}

/**
 * A change that was made from `from`, for another state: each edited part of a file is replaced where the
 * same text occurs once, with as few lines around it as needed. Null if it can't be applied.
 */
export function transplanted(
  change: Change,
  from: ProjectState,
  onto: ProjectState,
): Change | null {
  const files: Record<string, string | null> = {}
  for (const [file, after] of Object.entries(change.files)) {
    const before = from.files[file]
    const now = onto.files[file]
    if (before === now || after === null || before === undefined) {
      if (before === undefined && now !== undefined) return null
      files[file] = after
      continue
    }
    const text = now === undefined ? null : replacedPart(before, after, now)
    if (text === null) return null
    files[file] = text
  }
  return { ...change, files }
}

function replacedPart(before: string, after: string, now: string): string | null {
  let start = 0
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start++
  let end = 0
  const most = Math.min(before.length, after.length) - start
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++
  const inserted = after.slice(start, after.length - end)
  for (const around of [0, 4, 8, 16, 32, 64, 128]) {
    const from = Math.max(0, start - around)
    const to = Math.min(before.length, before.length - end + around)
    const context = before.slice(from, to)
    const pieces = now.split(context)
    if (context === '' || pieces.length !== 2) continue
    const tail = before.slice(before.length - end, to)
    return pieces.join(before.slice(from, start) + inserted + tail)
  }
  return null
}

function merged(
  values: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const result: Record<string, string> = { ...values }
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete result[name]
    else result[name] = value
  }
  return result
}

function difference(
  from: Readonly<Record<string, string>>,
  to: Readonly<Record<string, string>>,
): Record<string, string | null> {
  const result: Record<string, string | null> = {}
  for (const [name, value] of Object.entries(to)) if (from[name] !== value) result[name] = value
  for (const name of Object.keys(from)) if (!(name in to)) result[name] = null
  return result
}
