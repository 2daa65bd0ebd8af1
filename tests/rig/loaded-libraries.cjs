// Preloaded into a command with NODE_OPTIONS=--require. At exit it writes the native libraries that
// were loaded and the programs that were started to the file that ASSETS_LOADED names.
const { appendFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')
const childProcess = require('node:child_process')

const spawned = []
const { spawn } = childProcess
childProcess.spawn = (...args) => {
  spawned.push(String(args[0]))
  return spawn(...args)
}

if (isMainThread && process.env.ASSETS_LOADED) {
  process.on('exit', () => {
    const native = process.report.getReport().sharedObjects.filter((file) => file.endsWith('.node'))
    appendFileSync(process.env.ASSETS_LOADED, `${JSON.stringify({ native, spawned })}\n`)
  })
}
