import type { ProcessId } from '../../lib/process-identity.ts'
import type { HelperProgram, HelperReply, HelperRequest, ProgramContext } from './helper-client.ts'
import { runProgram } from './run-program.ts'

// The helper process itself, the other end of `helper-client.ts`: starts programs on request and
// reports how they ended. Bundled as `dist/command-helper.js`.

const running = new Map<number, AbortController>()
let context: ProgramContext | null = null

const send = (reply: HelperReply) => {
  if (process.connected) process.send?.(reply)
}

process.on('message', (message) => {
  const request = message as HelperRequest
  switch (request.request) {
    case 'context':
      context = request.context
      send({ reply: 'ready' })
      return
    case 'run':
      void run(request.id, request.program)
      return
    case 'stop':
      running.get(request.id)?.abort()
  }
})

// The parent is gone. This process exits once its programs have ended.
process.on('disconnect', () => {
  for (const abort of running.values()) abort.abort()
})

async function run(id: number, program: HelperProgram): Promise<void> {
  if (context === null) throw new Error('a program was requested before its context')
  const abort = new AbortController()
  running.set(id, abort)
  const onStart = (leader: ProcessId) => send({ reply: 'started', id, leader })
  const ended = await runProgram({ ...context, ...program, signal: abort.signal, onStart })
  running.delete(id)
  send({ reply: 'ended', id, ended })
}
