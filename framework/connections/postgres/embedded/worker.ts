import { mkdirSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import type { WorkerAnswer, WorkerFailure, WorkerRequest } from './worker-messages.ts'

// The program of the worker thread. PGlite computes in WebAssembly, which blocks its event loop.

interface Serving {
  readonly database: PGlite
  readonly server: PGLiteSocketServer
}

/** PGlite's single backend serves one session at a time. The other connections wait. */
const MAX_CONNECTIONS = 8

let serving: Serving | null = null

parentPort?.on('message', (request: WorkerRequest) => {
  void handle(request).then((answer) => parentPort?.postMessage(answer))
})

async function handle(request: WorkerRequest): Promise<WorkerAnswer> {
  try {
    switch (request.request) {
      case 'create':
        return { answer: 'done', snapshot: await create(request) }
      case 'serve':
        return { answer: 'done', snapshot: await serve(request) }
      case 'stop':
        return { answer: 'done', snapshot: await stop() }
    }
  } catch (error) {
    return { answer: 'failed', failure: failureOf(error, null) }
  }
}

async function create({
  folder,
  settings,
  scripts,
}: WorkerRequest & { request: 'create' }): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const database = await PGlite.create({ dataDir: folder })
  try {
    for (const [name, value] of Object.entries(settings)) {
      await database.query('select set_config($1, $2, false)', [name, value])
    }
    for (const { file, sql } of scripts) {
      await database.exec(sql).catch((error: unknown) => {
        throw new ScriptError(failureOf(error, file))
      })
    }
    return await committed(database)
  } finally {
    await database.close()
  }
}

async function serve({ folder, socket }: WorkerRequest & { request: 'serve' }): Promise<string> {
  const database = await PGlite.create({ dataDir: folder })
  const server = new PGLiteSocketServer({
    db: database,
    path: socket,
    maxConnections: MAX_CONNECTIONS,
  })
  await server.start()
  serving = { database, server }
  return committed(database)
}

async function stop(): Promise<string> {
  if (serving === null) throw new Error('no database is served')
  const { database, server } = serving
  serving = null
  await server.stop()
  const snapshot = await committed(database)
  await database.close()
  return snapshot
}

async function committed(database: PGlite): Promise<string> {
  const { rows } = await database.query<{ snapshot: string }>(
    'select pg_current_snapshot()::text as snapshot',
  )
  return rows[0]?.snapshot ?? ''
}

class ScriptError extends Error {
  readonly failure: WorkerFailure
  constructor(failure: WorkerFailure) {
    super(failure.message)
    this.failure = failure
  }
}

function failureOf(error: unknown, file: string | null): WorkerFailure {
  if (error instanceof ScriptError) return error.failure
  const { message, position } = error as { message?: string; position?: string }
  return {
    message: message ?? String(error),
    file,
    position: position === undefined ? null : Number(position),
  }
}
