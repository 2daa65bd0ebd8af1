import { spawn } from 'node:child_process'
import { cleanEnvironment, LAUNCHER } from './cli.ts'

/** How a command in a pseudo-terminal ended, and all that it wrote, with its control characters. */
export interface PtyResult {
  readonly code: number | null
  readonly output: string
}

/** Python opens the terminal: Node has no pseudo-terminals. Newlines are left as they are. */
const DRIVER = `
import fcntl, os, pty, struct, sys, termios
columns, rows, *argv = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
attributes = termios.tcgetattr(fd)
attributes[1] &= ~termios.OPOST
termios.tcsetattr(fd, termios.TCSANOW, attributes)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
`

/** Runs a command line of the program in a real terminal of this width. */
export function runInPty(
  args: readonly string[],
  cwd: string,
  columns: number,
  env: Readonly<Record<string, string>> = {},
): Promise<PtyResult> {
  const command = [process.execPath, LAUNCHER, ...args]
  const child = spawn('python3', ['-c', DRIVER, String(columns), '40', ...command], {
    cwd,
    env: { ...cleanEnvironment(), TERM: 'xterm-256color', TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
