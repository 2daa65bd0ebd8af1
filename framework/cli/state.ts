import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fail, type Problem, type Result } from '../model/problem.ts'
import { NO_OUTCOMES } from '../model/step.ts'
import type { Site } from '../ports/site.ts'
import type { State } from '../ports/state.ts'
import { type Context, EXIT } from './context.ts'
import { acquire } from './lease.ts'
import type { Output } from './output.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface StateCopyOptions {
  readonly target: string | null
  readonly from: string | null
  readonly to: string | null
  readonly replace: boolean
}

/** The type of state that one file is. */
const FILE = 'sqlite'

/** A state, and how it is called when it is spoken of. */
interface Place {
  readonly name: string
  readonly state: State
}

/**
 * `assets state copy`: a target's records, between the `state:` that its YAML names and a SQLite file.
 * A server is never named on the command line, where its password would be seen.
 */
export async function stateCopy(
  context: Context,
  output: Output,
  options: StateCopyOptions,
): Promise<number> {
  const file = options.from ?? options.to
  if (file === null || (options.from !== null && options.to !== null)) {
    const problem: Problem = {
      code: 'usage',
      message: 'state copy takes one of --from FILE and --to FILE',
      hint: 'the other side is the `state:` of the target; from one server to another, copy by way of a file',
    }
    return output.tell([problem], EXIT.usage)
  }
  const opened = await openWorkspace(context, options.target, output)
  if (!opened.ok) return output.tell(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const own = await workspace.state()
    if (!own.ok) return await output.tell(own.problems, EXIT.failed)
    const other = await openFile(context, workspace.site, file, options.from !== null)
    if (!other.ok) return await output.tell(other.problems, EXIT.usage)
    const mine: Place = { name: 'its `state:`', state: own.value }
    const theirs: Place = { name: file, state: other.value }
    try {
      return options.from === null
        ? await copy(context, output, workspace, mine, theirs, options.replace)
        : await copy(context, output, workspace, theirs, mine, options.replace)
    } finally {
      await theirs.state.close()
    }
  } finally {
    await workspace.close()
  }
}

/** Under the lease of the origin, so that no run writes there meanwhile. */
async function copy(
  context: Context,
  output: Output,
  workspace: Workspace,
  from: Place,
  to: Place,
  replace: boolean,
): Promise<number> {
  const target = workspace.site.target.name
  const asking = { command: `state copy to ${to.name}`, job: null, wait: false }
  const lease = await acquire(workspace, from.state, context, output, asking)
  if (!lease.ok) return output.tell(lease.problems, EXIT.failed)
  if (lease.value === null) return EXIT.busy
  const copyState = await context.registries.copyState()
  const copied = await copyState(from.state, to.state, { target, replace, lease: lease.value })
  const outcome = copied.ok ? 'succeeded' : 'failed'
  const released = await lease.value.release({ outcome, counts: NO_OUTCOMES })
  if (!copied.ok) return output.tell(copied.problems, EXIT.failed)
  if (!released.ok) return output.tell(released.problems, EXIT.failed)
  output.stateCopied({ target, from: from.name, to: to.name, rows: copied.value })
  return EXIT.done
}

/** The state in a SQLite file, which has to be there when it is read from. */
async function openFile(
  context: Context,
  site: Site,
  file: string,
  isOrigin: boolean,
): Promise<Result<State>> {
  const path = resolve(context.cwd, file)
  if (isOrigin && !existsSync(path)) {
    return fail({
      code: 'file-missing',
      message: `there is no file ${file} to copy from`,
      hint: 'a state in SQLite is .assets/state.sqlite unless `state: {path: …}` says otherwise',
    })
  }
  const { settings, at } = site.target.state
  if (typeof settings.path === 'string' && resolve(site.root, settings.path) === path) {
    return fail({
      code: 'state-same',
      message: `${file} is the \`state:\` of target ${site.target.name} itself`,
      at,
      hint: 'to move to a server: change `state:` first, then run assets state copy --from with the old file',
    })
  }
  const create = await context.registries.states[FILE]!.create()
  return create({ type: FILE, settings: { path }, at }, site)
}
