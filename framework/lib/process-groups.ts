import { type ChildProcess, spawn } from 'node:child_process'

// A program runs in a process group of its own, so a signal reaches it and everything that it started. A
// supervisor, one for this process, ends the groups that are left when this process is gone, even after a
// kill: its stdin is a pipe whose other end only this process has.

/**
 * The supervisor: reads `+ GROUP` and `- GROUP` until the pipe ends. Then the groups that are left get SIGTERM,
 * and five seconds later SIGKILL.
 */
const SUPERVISOR = `
trap '' HUP INT TERM
groups=' '
while read -r sign group; do
  case "$sign$groups" in
    +*) groups="$groups$group " ;;
    -*" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s TERM -- "-$group"; done
tries=50
while [ -n "\${groups# }" ] && [ $tries -gt 0 ]; do
  sleep 0.1
  tries=$((tries - 1))
  left=' '
  for group in $groups; do kill -s 0 -- "-$group" && left="$left$group "; done
  groups=$left
done
for group in $groups; do kill -s KILL -- "-$group"; done
`

const groups = new Set<number>()
let supervisor: ChildProcess | null = null

/** From now on, the group of this leader does not outlive this process. */
export function superviseGroup(leader: number): void {
  groups.add(leader)
  if (supervisor === null) startSupervisor()
  else tell('+', leader)
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

function startSupervisor(): void {
  const started = spawn('sh', ['-c', SUPERVISOR], {
    cwd: '/',
    // A signal to the group of this process must not reach it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  supervisor = started
  const lose = () => {
    if (supervisor !== started) return
    supervisor = null
    if (started.pid !== undefined && groups.size > 0) startSupervisor()
  }
  started.on('exit', lose)
  // There is no `sh`.
  started.on('error', lose)
  started.stdin!.on('error', () => undefined)
  started.unref()
  ;(started.stdin as unknown as { unref(): void }).unref()
  for (const leader of groups) tell('+', leader)
}

function tell(sign: '+' | '-', leader: number): void {
  supervisor?.stdin?.write(`${sign} ${leader}\n`)
}
