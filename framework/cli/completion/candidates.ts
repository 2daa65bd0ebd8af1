import type { CommandWords, OptionWords, StaticWords, ValueWords } from './command-words.ts'
import { type Candidate, NAMING_METHODS, type ProjectNames } from './project-names.ts'
import { quoteName, readSelectionWord } from './selection-word.ts'

/** What a shell offers for the last word: candidates, or the names of files. */
export type Offer = readonly Candidate[] | 'files'

/** Methods whose values are names of assets. */
const ASSET_METHODS = ['name', 'key']

/**
 * What may stand in the place of the last word. `words`: from `assets` up to the cursor, without quotes. `names`: null
 * if no project is known.
 */
export function candidatesFor(
  words: readonly string[],
  known: StaticWords,
  names: ProjectNames | null,
): Offer {
  const start = words.at(-1) ?? ''
  const { command, rest } = commandIn(words.slice(1, -1), known.program)
  const line = readLine(rest, command)
  const source: Source = { known, names, target: targetIn(rest) ?? names?.defaultTarget ?? null }
  if (line.pending !== null && !(line.pending.isVariadic && start.startsWith('-'))) {
    return valuesOf(line.pending, start, source)
  }
  const [, name = '', value = null] = /^(--[^=]+)=(.*)$/s.exec(start) ?? []
  const option = command.options.find(({ names }) => names.includes(name))
  if (value !== null && !line.isEnded) {
    if (option === undefined || option.value === null) return []
    return withHead(`${name}=`, valuesOf(option.value, value, source))
  }
  if (start.startsWith('-') && !line.isEnded) return optionsOf(command, line, start)
  if (command.commands.length > 0) {
    if (line.positionals > 0) return []
    return starting(
      start,
      command.commands.map(({ name, help }) => ({ word: name, about: help })),
    )
  }
  const taken = command.arguments[line.positionals] ?? lastVariadic(command)
  return taken === null ? [] : valuesOf(taken, start, source)
}

/** Where names come from. `target`: the one that the command line names, or the default one. */
interface Source {
  readonly known: StaticWords
  readonly names: ProjectNames | null
  readonly target: string | null
}

/** The command that the words name, and what follows it. */
function commandIn(
  words: readonly string[],
  program: CommandWords,
): { readonly command: CommandWords; readonly rest: readonly string[] } {
  const [first] = words
  const command = program.commands.find(({ name }) => name === first)
  return command === undefined
    ? { command: program, rest: words }
    : commandIn(words.slice(1), command)
}

/** The words between a command and the cursor. */
interface Line {
  /** The option whose value is next. */
  readonly pending: ValueWords | null
  readonly positionals: number
  readonly given: ReadonlySet<OptionWords>
  /** Whether `--` ended the options. */
  readonly isEnded: boolean
}

function readLine(rest: readonly string[], { options }: CommandWords): Line {
  const given = new Set<OptionWords>()
  let pending: ValueWords | null = null
  let positionals = 0
  let isEnded = false
  for (const word of rest) {
    const isOption = !isEnded && word.startsWith('-') && word !== '-'
    if (pending !== null && !(pending.isVariadic && isOption)) {
      if (!pending.isVariadic) pending = null
    } else if (word === '--' && !isEnded) {
      pending = null
      isEnded = true
    } else if (isOption) {
      const option = options.find(({ names }) => names.includes(word.replace(/=.*$/s, '')))
      pending = word.includes('=') ? null : (option?.value ?? null)
      if (option !== undefined) given.add(option)
    } else positionals += 1
  }
  return { pending, positionals, given, isEnded }
}

/** The value of `-t` or `--target`. */
function targetIn(rest: readonly string[]): string | null {
  const at = rest.findLastIndex((word) => /^(-t$|--target($|=))/.test(word))
  const word = rest[at]
  if (word === undefined) return null
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : (rest[at + 1] ?? null)
}

/** The long names of the options that may be added. */
function optionsOf({ options }: CommandWords, { given }: Line, start: string): Offer {
  const left = options.filter((option) => option.value?.isVariadic === true || !given.has(option))
  const named = left.map((option) => ({ word: option.names.at(-1)!, about: option.help }))
  const offered = starting(start, named)
  const short = left.find(({ names }) => names[0] === start && start.length === 2)
  return short === undefined ? offered : [...offered, { word: start, about: short.help }]
}

function lastVariadic({ arguments: all }: CommandWords): ValueWords | null {
  const last = all.at(-1)
  return last?.isVariadic === true ? last : null
}

function valuesOf({ is, choices }: ValueWords, start: string, source: Source): Offer {
  if (choices.length > 0) return starting(start, plain(choices))
  const { known, names, target } = source
  if (is === 'file') return 'files'
  if (is === 'command') {
    const all = known.program.commands.map(({ name, help }) => ({ word: name, about: help }))
    return starting(start, all)
  }
  if (is === 'select') return selectionsOf(start, source)
  if (names === null) return []
  switch (is) {
    case 'asset':
      return names.assets(start)
    case 'job':
      return starting(start, names.jobs)
    case 'run':
      return target === null ? [] : starting(start, names.runs(target))
    case 'target':
      return starting(start, plain(names.targets))
    case 'connection':
      return starting(start, plain(names.connections))
    case 'any':
      return []
  }
}

function selectionsOf(text: string, { known, names }: Source): readonly Candidate[] {
  const { head, method, start, isQuoted, tail } = readSelectionWord(text)
  const named = (candidates: readonly Candidate[], prefix: string) =>
    candidates.flatMap(({ word, about }) => {
      const quoted = quoteName(word, isQuoted)
      return quoted === null ? [] : [{ word: head + prefix + quoted + tail, about }]
    })
  if (method !== null) {
    const isAsset = ASSET_METHODS.includes(method)
    const values = isAsset ? (names?.assets(start) ?? []) : valuesOfMethod(method, known, names)
    return named(starting(start, values), `${method}:`)
  }
  const assets = named(names?.assets(start) ?? [], '')
  if (isQuoted || tail !== '') return assets
  const methods = [...NAMING_METHODS, ...Object.keys(known.methods)]
    .filter((one) => one.startsWith(start) && valuesOfMethod(one, known, names).length > 0)
    .map((one) => ({ word: `${head}${one}:`, about: '' }))
  return [...assets, ...methods]
}

function valuesOfMethod(
  method: string,
  { methods }: StaticWords,
  names: ProjectNames | null,
): readonly Candidate[] {
  const naming = NAMING_METHODS.find((one) => one === method)
  if (naming !== undefined) return plain(names?.methods[naming] ?? [])
  return plain(Object.hasOwn(methods, method) ? methods[method]! : [])
}

const plain = (words: readonly string[]): readonly Candidate[] =>
  words.map((word) => ({ word, about: '' }))

const starting = (start: string, all: readonly Candidate[]): readonly Candidate[] =>
  all.filter(({ word }) => word.startsWith(start))

function withHead(head: string, offer: Offer): Offer {
  if (offer === 'files') return offer
  return offer.map(({ word, about }) => ({ word: head + word, about }))
}
