import { readdirSync, readFileSync } from 'node:fs'
import { isRunning, type ProcessId, thisProcess } from './process-identity.ts'

/** The variable by which the processes that a process started are found. Its value is a `ProcessId`. */
export const MARK = 'ASSETS_STARTED_BY'
/** The variable with the name of the asset that a program builds. */
export const ASSET = 'ASSETS_ASSET'

/** How long processes have to end after SIGTERM, and how long after SIGKILL, in milliseconds. */
const GRACE_MS = 5_000
/** Milliseconds between two looks at the process table. */
const INTERVAL_MS = 25

/** What a process may have left. */
export interface Leaving {
  /** The process that started it. */
  readonly by: ProcessId
  /** Leaders of process groups, by the name of the asset that they build. */
  readonly groups: ReadonlyMap<string, ProcessId>
  /**
   * Whether a process that builds this asset is meant; null: one that builds no single asset. All others are
   * left alone.
   */
  readonly concerns: (asset: string | null) => boolean
}

/** A process that is running. */
export interface LeftProcess {
  readonly pid: number
  /** null: it builds no asset of its own, such as dbt's process. */
  readonly asset: string | null
  /** Whether it leads a group that ends with it. */
  readonly isLeader: boolean
}

/** The environment by which everything that a child of this process starts is found later. */
export function markOfThisProcess(): Readonly<Record<string, string>> {
  return { [MARK]: markOf(thisProcess()) }
}

const markOf = ({ pid, started }: ProcessId): string => `${pid}.${started}`

/**
 * The processes that are left: the given groups, and on Linux every process of this user whose environment has
 * the mark, whatever group it is in.
 */
export function findLeft({ by, groups, concerns }: Leaving): readonly LeftProcess[] {
  const left: LeftProcess[] = []
  for (const [asset, leader] of groups) {
    if (concerns(asset) && mayEnd(leader.pid) && isRunning(leader) === true) {
      left.push({ pid: leader.pid, asset, isLeader: true })
    }
  }
  const known = new Set(left.map(({ pid }) => pid))
  for (const { pid, asset } of marked(markOf(by))) {
    if (concerns(asset) && !known.has(pid)) left.push({ pid, asset, isLeader: false })
  }
  return left
}

/**
 * Ends what is left: SIGTERM, and SIGKILL for what is running five seconds later. Calls `onFound` once, if
 * something is left. Returns what could not be ended within ten seconds.
 */
export async function endLeft(
  leaving: Leaving,
  sleep: (milliseconds: number) => Promise<void>,
  onFound: (left: readonly LeftProcess[]) => void = () => {},
): Promise<readonly LeftProcess[]> {
  const asked = new Set<number>()
  const start = performance.now()
  let lastWasEmpty = false
  for (;;) {
    const left = findLeft(leaving)
    // Twice, because a process that is just being started is seen late.
    if (left.length === 0 && lastWasEmpty) return []
    lastWasEmpty = left.length === 0
    if (left.length > 0 && asked.size === 0) onFound(left)
    const waited = performance.now() - start
    if (waited > 2 * GRACE_MS) return left
    for (const one of left) {
      if (waited > GRACE_MS) send(one, 'SIGKILL')
      else if (!asked.has(one.pid)) send(one, 'SIGTERM')
      asked.add(one.pid)
    }
    await sleep(INTERVAL_MS)
  }
}

/** Not this process. And not process 1, whose group stands for all processes in kill(2). */
const mayEnd = (pid: number): boolean => Number.isInteger(pid) && pid > 1 && pid !== process.pid

function send({ pid, isLeader }: LeftProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(isLeader ? -pid : pid, signal)
  } catch {
    // It has ended, or belongs to another user.
  }
}

/** The processes whose environment has the mark. Empty on systems without /proc. */
function marked(mark: string): readonly Pick<LeftProcess, 'pid' | 'asset'>[] {
  const found: Pick<LeftProcess, 'pid' | 'asset'>[] = []
  for (const name of foldersOf('/proc')) {
    const pid = Number(name)
    if (!mayEnd(pid)) continue
    const variables = environmentOf(pid)
    if (!variables.includes(`${MARK}=${mark}`)) continue
    const asset = variables.find((one) => one.startsWith(`${ASSET}=`))
    found.push({ pid, asset: asset?.slice(ASSET.length + 1) ?? null })
  }
  return found
}

/** proc(5): the environment that a process was started with; empty if it has ended or belongs to another user. */
function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function foldersOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
