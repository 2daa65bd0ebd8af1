import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KnownFileHashes } from '../../lib/file-hashes.ts'
import { bytesOf, numbersIn, pack, unpack } from '../../lib/packed-bytes.ts'
import type { CodeVersionTable } from '../../model/columns.ts'
import type { Site } from '../../ports/site.ts'
import type { Ground } from './code.ts'

/** Change it when a code version comes about in another way. */
const FORMAT = 1

/** The commands of one YAML file: its hash, its first number in `codes`, and what they rest on. */
export interface KeptFile {
  readonly hash: string
  readonly from: number
  readonly grounds: readonly number[]
}

/** Code versions of all commands as one command line found them on one target. */
export interface Kept {
  readonly files: readonly KeptFile[]
  readonly grounds: readonly { readonly ground: Ground; readonly version: string }[]
  readonly codes: CodeVersionTable
  readonly memo: KnownFileHashes
}

interface Head extends Omit<Kept, 'codes'> {
  readonly format: number
  readonly build: string
}

const NOTHING: Kept = {
  files: [],
  grounds: [],
  codes: { words: new Int32Array(0), known: new Uint8Array(0) },
  memo: {},
}

/** What the same build of the tool kept; nothing when there is no such. */
export function readKept(site: Site, build: string): Kept {
  try {
    const sections = unpack(readFileSync(fileOf(site)))
    if (sections === null) return NOTHING
    const [text, words, known] = sections as [Buffer, Buffer, Buffer]
    const { format, build: by, ...head } = JSON.parse(text.toString()) as Head
    if (format !== FORMAT || by !== build) return NOTHING
    return { ...head, codes: { words: numbersIn(words), known } }
  } catch {
    return NOTHING
  }
}

/** Replaces it in one step. Where it can't be written, the next command takes longer. */
export function writeKept(site: Site, build: string, kept: Kept): void {
  const { codes, ...rest } = kept
  const head: Head = { format: FORMAT, build, ...rest }
  const file = fileOf(site)
  const aside = `${file}.${process.pid}`
  try {
    mkdirSync(join(site.home, 'cache'), { recursive: true })
    const text = Buffer.from(JSON.stringify(head))
    writeFileSync(aside, pack([text, bytesOf(codes.words), codes.known]))
    renameSync(aside, file)
  } catch {
    rmSync(aside, { force: true })
  }
}

function fileOf({ home, target }: Site): string {
  return join(home, 'cache', `command-${target.name}.bin`)
}
