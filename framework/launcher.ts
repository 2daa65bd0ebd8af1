import { accessSync, constants, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

// The first file of the bundle. It runs the other files from code that V8 compiled in an earlier process
// (decisions/0004). Without it, reading and compiling them makes a start of Node half as long again.

declare const __PROGRAM__: string
declare const __COMPLETION__: string

type Run = (
  exports: object,
  require: (name: string) => unknown,
  module: { exports: object },
  file: string,
  folder: string,
) => void

/** Suffix of cached code: one cache per Node version. V8 rejects code compiled with other flags. */
const CACHE_SUFFIX = `${process.version}-${process.arch}.code`

/** Bytes of the header: a checksum of the code. V8 checks only the head of the code itself. */
const HEADER_SIZE = 8

/** Set while bundling: each command adds the functions it used to the cached code. */
const isLearning = process.env.ASSETS_LEARN === '1'

const loaded = new Map<string, object>()

/** Runs a file of the bundle once and returns its exports. Its name contains a hash of its content. */
function load(name: string): object {
  const earlier = loaded.get(name)
  if (earlier !== undefined) return earlier
  const file = join(__dirname, name)
  // The bundle is ASCII, so V8 stores one byte per character.
  const source = readFileSync(file, 'latin1')
  const cacheFile = `${file}.${CACHE_SUFFIX}`
  const cachedData = readCache(cacheFile)
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) {${source}\n})`,
    { filename: file, ...(cachedData === null ? {} : { cachedData }) },
  )
  if (cachedData === null || isLearning) process.on('exit', () => writeCache(cacheFile, script))
  const module = { exports: {} }
  loaded.set(name, module.exports)
  const run = script.runInThisContext() as Run
  run(module.exports, requireFor, module, file, __dirname)
  loaded.set(name, module.exports)
  return module.exports
}

/** Cached code; null when it does not exist or is damaged. */
function readCache(file: string): Buffer | null {
  try {
    const bytes = readFileSync(file)
    const code = bytes.subarray(HEADER_SIZE)
    return bytes.readUInt32LE() === crc32(code) ? code : null
  } catch {
    return null
  }
}

/** Replaces the cached code atomically. Does nothing when the folder of the bundle is read-only. */
function writeCache(file: string, script: Script): void {
  const temporary = `${file}.${process.pid}`
  try {
    accessSync(__dirname, constants.W_OK)
  } catch {
    return
  }
  try {
    const code = script.createCachedData()
    const head = Buffer.alloc(HEADER_SIZE)
    head.writeUInt32LE(crc32(code))
    writeFileSync(temporary, Buffer.concat([head, code]))
    renameSync(temporary, file)
  } catch {
    rmSync(temporary, { force: true })
  }
}

/** Loads files of the bundle itself, packages through Node, and Node's modules on first use. */
function requireFor(name: string): unknown {
  if (name.startsWith('./')) return load(name)
  return name.startsWith('node:') ? onFirstUse(name) : require(name)
}

/** A proxy that loads a Node module on first use: each takes about a millisecond, and few are used. */
function onFirstUse(name: string): object {
  let module: object | null = null
  const loadedModule = () => {
    module ??= require(name) as object
    return module
  }
  return new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(loadedModule(), key),
      has: (_, key) => Reflect.has(loadedModule(), key),
      ownKeys: () => Reflect.ownKeys(loadedModule()),
      getOwnPropertyDescriptor: (_, key) => {
        const descriptor = Reflect.getOwnPropertyDescriptor(loadedModule(), key)
        return descriptor && { ...descriptor, configurable: true }
      },
    },
  )
}

/** A shell asks for the words after a Tab: that needs a small part of the program. */
const [, , verb, form] = process.argv
const isCompletion = verb === 'completion' && (form === '--words' || form === '--line')

load(isCompletion ? __COMPLETION__ : __PROGRAM__)
