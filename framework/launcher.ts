import { accessSync, constants, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

// The first file of the bundle. It runs the others from code that V8 compiled in an earlier process
// (decisions/0004): reading and compiling them anew takes half as long again as a bare start of Node.

declare const __PROGRAM__: string

type Run = (
  exports: object,
  require: (name: string) => unknown,
  module: { exports: object },
  file: string,
  folder: string,
) => void

/** Code is kept for one version of Node. V8 itself refuses it where its flags are others. */
const KEPT = `${process.version}-${process.arch}.code`

/** The file begins with the checksum of what follows: V8 looks at the head only and would run the rest. */
const CHECKED = 8

/** Set while the bundle is made: each command adds to what was kept what it needs itself. */
const isLearning = process.env.ASSETS_LEARN === '1'

const loaded = new Map<string, object>()

/** What a file of the bundle exports. Its name says its content, so nothing else is compared. */
function load(name: string): object {
  const known = loaded.get(name)
  if (known !== undefined) return known
  const file = join(__dirname, name)
  // ASCII, as it was bundled: V8 keeps one byte a character.
  const source = readFileSync(file, 'latin1')
  const kept = `${file}.${KEPT}`
  const cachedData = keptCode(kept)
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) {${source}\n})`,
    { filename: file, ...(cachedData === null ? {} : { cachedData }) },
  )
  if (cachedData === null || isLearning) process.on('exit', () => keep(kept, script))
  const module = { exports: {} }
  loaded.set(name, module.exports)
  const run = script.runInThisContext() as Run
  run(module.exports, requireFor, module, file, __dirname)
  loaded.set(name, module.exports)
  return module.exports
}

/** null when there is none, or when it is not whole. */
function keptCode(file: string): Buffer | null {
  try {
    const bytes = readFileSync(file)
    const code = bytes.subarray(CHECKED)
    return bytes.readUInt32LE() === crc32(code) ? code : null
  } catch {
    return null
  }
}

/** Replaces it in one step. Where the bundle can't be written to, each command compiles for itself. */
function keep(file: string, script: Script): void {
  const aside = `${file}.${process.pid}`
  try {
    accessSync(__dirname, constants.W_OK)
  } catch {
    return
  }
  try {
    const code = script.createCachedData()
    const head = Buffer.alloc(CHECKED)
    head.writeUInt32LE(crc32(code))
    writeFileSync(aside, Buffer.concat([head, code]))
    renameSync(aside, file)
  } catch {
    rmSync(aside, { force: true })
  }
}

/** Files of the bundle come from here, packages from Node, and Node's own modules when they are used. */
function requireFor(name: string): unknown {
  if (name.startsWith('./')) return load(name)
  return name.startsWith('node:') ? onFirstUse(name) : require(name)
}

/** Most of Node's modules take a millisecond to load, and a command uses few of those it imports. */
function onFirstUse(name: string): object {
  let module: object | null = null
  const used = () => {
    module ??= require(name) as object
    return module
  }
  return new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(used(), key),
      has: (_, key) => Reflect.has(used(), key),
      ownKeys: () => Reflect.ownKeys(used()),
      getOwnPropertyDescriptor: (_, key) => {
        const found = Reflect.getOwnPropertyDescriptor(used(), key)
        return found && { ...found, configurable: true }
      },
    },
  )
}

load(__PROGRAM__)
