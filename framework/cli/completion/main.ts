import { writeFileSync } from 'node:fs'
import { findProject } from '../../config/find-project.ts'
import { homeOf } from '../home.ts'
import { bashQuoted, readBashLine } from './bash-line.ts'
import { candidatesFor, type Offer } from './candidates.ts'
import type { StaticWords } from './command-words.ts'
import { readNames } from './names-file.ts'
import type { ProjectNames } from './project-names.ts'
import { runWords } from './runs-file.ts'

// What the shells call at each Tab, in place of the program (`framework/launcher.ts`):
//   assets completion --words -- WORD…            from `assets` up to the cursor: a candidate and its description a line
//   assets completion --line -- LINE REPLACED     for bash: LINE as typed, REPLACED the part of it that bash replaces
// It exits with 1 where names of files belong, and prints no errors: they would land in the line that is being typed.

declare const __STATIC_WORDS__: StaticWords

const FILES = 1
const STDOUT = 1

/** No control character may reach the terminal. */
const onOneLine = (text: string) => text.replaceAll(/\p{Cc}/gu, ' ')

/** The lines to print; null where names of files belong. */
function answer(form: string | undefined, given: readonly string[]): readonly string[] | null {
  return form === '--line' ? bashLines(given) : wordLines(offerFor(given))
}

function bashLines([line = '', replaced = '']: readonly string[]): readonly string[] | null {
  const { words, quote } = readBashLine(line)
  const start = words.at(-1)!
  const part = readBashLine(replaced).words.at(-1)!
  const kept = start.endsWith(part) ? start.slice(0, start.length - part.length) : ''
  const offer = offerFor(words)
  if (offer === 'files') return null
  return offer.map(({ word }) => bashQuoted(word.slice(kept.length), quote))
}

function wordLines(offer: Offer): readonly string[] | null {
  if (offer === 'files') return null
  return offer.map(({ word, about }) => (about === '' ? word : `${word}\t${onOneLine(about)}`))
}

function offerFor(words: readonly string[]): Offer {
  const offer = candidatesFor(words, __STATIC_WORDS__, namesAround(process.cwd()))
  return offer === 'files' ? offer : offer.filter(({ word }) => word === onOneLine(word))
}

function namesAround(folder: string): ProjectNames | null {
  const root = findProject(folder)
  if (!root.ok) return null
  const home = homeOf(root.value)
  const names = readNames(home)
  return names && { ...names, runs: (target) => runWords(home, target) }
}

try {
  const [form, , ...words] = process.argv.slice(3)
  const lines = answer(form, words)
  if (lines === null) process.exitCode = FILES
  else writeFileSync(STDOUT, lines.map((line) => `${line}\n`).join(''))
} catch {
  process.exitCode = FILES
}
