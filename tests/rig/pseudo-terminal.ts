import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { RunningCommand } from './cli.ts'

/** Runs a program in a terminal of 200 columns; stdin and stdout of this process are its keyboard and screen. */
const PTY = `
import fcntl, os, pty, select, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 50, 200, 0, 0))
sources = [0, fd]
while True:
    ready, _, _ = select.select(sources, [], [])
    if 0 in ready:
        typed = os.read(0, 4096)
        os.write(fd, typed) if typed else sources.remove(0)
    if fd in ready:
        try:
            shown = os.read(fd, 4096)
        except OSError:
            break
        if not shown:
            break
        os.write(1, shown)
os.waitpid(pid, 0)
`

/** A program in a terminal. */
export class PseudoTerminal {
  readonly #command: RunningCommand

  constructor(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
    const options = { cwd, env, stdio: 'pipe' } as const
    this.#command = new RunningCommand(spawn('python3', ['-c', PTY, ...argv], options))
  }

  type(text: string): void {
    this.#command.child.stdin!.write(text)
  }

  /** Resolves when a text is on the screen. */
  until(text: string): Promise<void> {
    return this.#command.until(text)
  }

  get screen(): string {
    return this.#command.stdout
  }

  async close(): Promise<void> {
    this.#command.child.kill('SIGKILL')
    await this.#command.ended
  }
}

/** The path of a program; null if it is not installed. */
export function programPath(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null
}
