import { type ChildProcess, spawn } from 'node:child_process'
import { ASSET, MARK } from './left-processes.ts'

// A program runs in a process group of its own, so a signal reaches it and everything that it started. A
// supervisor, one for this process, ends the groups that are left when this process is gone, even after a
// kill: its stdin is a pipe whose other end only this process has.

/**
 * The supervisor: reads `= MARK ASSET` before a program starts, `+ GROUP` when it has, and `- GROUP` when it has
 * ended, until the pipe ends. Then the groups that are left get SIGTERM, and five seconds later SIGKILL. If the pipe
 * ends before the group of a program is known, it is looked for by the mark and the asset in its environment, for
 * two seconds and where there is /proc.
 */
const SUPERVISOR = `
trap '' HUP INT TERM
groups=' '
starting=
while read -r sign it; do
  case "$sign$groups" in
    =*) starting=$it ;;
    +*) groups="$groups$it "; starting= ;;
    -*" $it "*) groups="\${groups%% $it *} \${groups#* $it }" ;;
  esac
done
for group in $groups; do kill -s TERM -- "-$group"; done
tries=25
while [ $tries -gt 0 ]; do
  if [ -n "$starting" ] && [ $tries -gt 15 ]; then
    for environ in $(grep -lzFx "${MARK}=\${starting%% *}" /proc/[0-9]*/environ); do
      grep -qzFx "${ASSET}=\${starting#* }" "$environ" || continue
      group=\${environ%/environ}
      group=\${group#/proc/}
      kill -s TERM -- "-$group" && groups="$groups$group " && starting=
    done
  elif [ -z "\${groups# }" ]; then
    exit
  fi
  sleep 0.2
  tries=$((tries - 1))
  left=' '
  for group in $groups; do kill -s 0 -- "-$group" && left="$left$group "; done
  groups=$left
done
for group in $groups; do kill -s KILL -- "-$group"; done
`

const groups = new Set<number>()
let supervisor: ChildProcess | null = null

/**
 * Starts the leader of a group that does not outlive this process. `env`: that of a program, with the two variables
 * by which it is found (`left-processes.ts`), in case this process is killed just when the program has started.
 */
export function spawnGroup<T extends ChildProcess>(
  start: () => T,
  env: Readonly<Record<string, string>> = {},
): T {
  supervisor ??= startSupervisor()
  const { [MARK]: mark, [ASSET]: asset } = env
  if (mark !== undefined && asset !== undefined) tell('=', `${mark} ${asset}`)
  let leader: number | undefined
  try {
    const child = start()
    leader = child.pid
    return child
  } finally {
    if (leader === undefined) {
      // It could not be started.
      tell('=', '')
    } else {
      groups.add(leader)
      tell('+', leader)
    }
  }
}

/** The group of this leader has ended, or may go on without this process. */
export function releaseGroup(leader: number): void {
  if (groups.delete(leader)) tell('-', leader)
}

/** Ends all groups at once, before this process exits. */
export function killGroups(): void {
  for (const leader of groups) signalGroup(leader, 'SIGKILL')
}

/** Sends a signal to a group; 0 sends none. False if no process of it is running. */
export function signalGroup(leader: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (leader === undefined) return false
  try {
    return process.kill(-leader, signal)
  } catch {
    return false
  }
}

function startSupervisor(): ChildProcess {
  const started = spawn('sh', ['-c', SUPERVISOR], {
    cwd: '/',
    // A signal to the group of this process must not reach it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const lose = () => {
    supervisor = started.pid !== undefined && groups.size > 0 ? startSupervisor() : null
  }
  started.once('exit', lose)
  // There is no `sh`.
  started.once('error', lose)
  // Without a free descriptor there is no pipe, and the program that is about to start fails for the same reason.
  started.stdin?.on('error', () => undefined)
  started.unref()
  ;(started.stdin as unknown as { unref(): void } | undefined)?.unref()
  for (const leader of groups) tell('+', leader, started)
  return started
}

function tell(sign: '=' | '+' | '-', what: string | number, to = supervisor): void {
  to?.stdin?.write(`${sign} ${what}\n`)
}
