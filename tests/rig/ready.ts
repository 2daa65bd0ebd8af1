import type { ChildProcess } from 'node:child_process'

const KEPT = 4000

/** Resolves when a server says on stderr that it is there; rejects with what it said when it ends instead. */
export function waitForLine(server: ChildProcess, name: string, words: string): Promise<void> {
  let text = ''
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('exit', () => reject(new Error(`${name} did not start:\n${text}`)))
    server.stderr?.on('data', (chunk) => {
      text = `${text}${chunk}`.slice(-KEPT)
      if (text.includes(words)) resolve()
    })
  })
}
