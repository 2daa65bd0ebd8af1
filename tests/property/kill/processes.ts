import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process, as /proc shows it. */
export interface Seen {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** All processes but zombies and those that end while this looks. */
function all(): readonly Seen[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name)
    if (!Number.isInteger(pid)) return []
    const stat = textOf(`/proc/${pid}/stat`)
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === undefined || state === '' || state === 'Z' || state === 'X') return []
    const command = textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
    return [{ pid, parent: Number(parent), command }]
  })
}

export const childrenOf = (pid: number): readonly Seen[] =>
  all().filter(({ parent }) => parent === pid)

/** What runs in a folder, or was started with it in its environment or in its command line. */
export function runningIn(folder: string): readonly Seen[] {
  return all().filter(({ pid, command }) => {
    if (pid === process.pid) return false
    if (command.includes(folder) || linkOf(`/proc/${pid}/cwd`).startsWith(folder)) return true
    return textOf(`/proc/${pid}/environ`).includes(`=${folder}`)
  })
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}
