// Required before a program (`NODE_OPTIONS=--require`): kills the process at one of its writes to the state, which
// are counted: right before or right after the commit of the SQLite transaction.
const wanted = Number(process.env.KILL_AT)
const isAfter = process.env.KILL_WHEN === 'after'
const { dlopen } = process
let isWrite = false
let count = 0

/** The methods of the native class can't be replaced, so this one takes its place. */
function killing(DatabaseSync) {
  return class extends DatabaseSync {
    exec(sql) {
      const isCommit = isWrite && sql === 'commit'
      if (isCommit) count += 1
      const isNow = isCommit && count === wanted
      if (sql === 'begin immediate') isWrite = true
      if (isCommit) isWrite = false
      if (isNow && !isAfter) process.kill(process.pid, 'SIGKILL')
      const result = super.exec(sql)
      if (isNow && isAfter) process.kill(process.pid, 'SIGKILL')
      return result
    }
  }
}

process.dlopen = function load(module, ...rest) {
  dlopen.call(this, module, ...rest)
  const { DatabaseSync } = module.exports
  if (DatabaseSync === undefined) return
  module.exports = { ...module.exports, DatabaseSync: killing(DatabaseSync) }
}
