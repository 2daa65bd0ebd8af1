import type { Answered, Told } from './helper-client.ts'
import { type Program, runProgram } from './run-program.ts'

// The other end of `helper.ts`, a program of its own: starts what it is told to, and tells how it ended.

const running = new Map<number, AbortController>()
let ground: Pick<Program, 'cwd' | 'env'> | null = null

const answer = (answered: Answered) => {
  if (process.connected) process.send?.(answered)
}

process.on('message', (message) => {
  const told = message as Told
  switch (told.tell) {
    case 'ground':
      ground = told.ground
      answer({ answer: 'ready' })
      return
    case 'run':
      void run(told.id, told.what)
      return
    case 'stop':
      running.get(told.id)?.abort()
  }
})

// Whoever told us is gone. Once what it began has ended, nothing keeps this process.
process.on('disconnect', () => {
  for (const abort of running.values()) abort.abort()
})

async function run(id: number, what: Pick<Program, 'argv' | 'own'>): Promise<void> {
  if (ground === null) throw new Error('told to run something before anything was said of where')
  const abort = new AbortController()
  running.set(id, abort)
  const ended = await runProgram({ ...ground, ...what, signal: abort.signal })
  running.delete(id)
  answer({ answer: 'ended', id, ended })
}
