import { type Document, isCollection, isScalar, visit, type YAMLError } from 'yaml'
import type { Location } from '../../model/location.ts'
import type { Problem, ProblemCode } from '../../model/problem.ts'

type LocationOf = (start: number, end: number) => Location

interface ParsedText {
  readonly document: Document.Parsed
  readonly second: Document.Parsed | undefined
  readonly text: string
}

/** Errors about one value. They are correct even if the structure of the file is broken. */
const SINGLE_VALUE_ERRORS = new Set<YAMLError['code']>([
  'BAD_SCALAR_START',
  'BAD_DQ_ESCAPE',
  'BAD_ALIAS',
])

/** So many errors of one kind are reported. A file with more is no YAML, or has one error over and over. */
const MAX_ERRORS = 1_000
/** Spaces in front of a line that are looked at for a tab. */
const DEEPEST_INDENT = 1_000

/**
 * The syntax problems of a parsed text. Of errors in the structure only the first is reported: after a
 * missing bracket or quote, the parser reports errors in everything that follows.
 */
export function syntaxProblems(
  file: string,
  parsed: ParsedText,
  locationOf: LocationOf,
): readonly Problem[] {
  const { document, second } = parsed
  const ofValues = document.errors
    .filter((error) => SINGLE_VALUE_ERRORS.has(error.code))
    .slice(0, MAX_ERRORS)
  const structure = document.errors.filter((error) => !SINGLE_VALUE_ERRORS.has(error.code))
  const tab = structure.find((error) => isTab(error, parsed.text))
  const first = tab ?? structure[0]
  const problems = [...(first === undefined ? [] : [first]), ...ofValues].map((error) =>
    syntaxProblem(file, error, parsed, locationOf),
  )
  const tags = document.warnings
    .slice(0, MAX_ERRORS)
    .map((warning) => tagProblem(file, warning, parsed.text, locationOf))
  if (second === undefined || first !== undefined) return [...problems, ...tags]
  return [...problems, ...tags, secondDocument(file, second, locationOf)]
}

function syntaxProblem(
  file: string,
  error: YAMLError,
  parsed: ParsedText,
  locationOf: LocationOf,
): Problem {
  const { text } = parsed
  const opening = isUnclosed(error, text) ? openingBefore(parsed.document, error.pos[0]) : null
  if (opening !== null) {
    return {
      code: 'yaml-syntax',
      message: `${file}: this ${text.charAt(opening)} is never closed`,
      at: locationOf(opening, opening + 1),
      hint: 'close it, and indent the lines inside it more than their key',
    }
  }
  const { code = 'yaml-syntax', message, hint } = explain(error, text)
  const at = locationOf(...error.pos)
  return { code, message: `${file}: ${message}`, at, ...(hint === undefined ? {} : { hint }) }
}

interface Explanation {
  readonly code?: ProblemCode
  readonly message: string
  readonly hint?: string
}

const KEY_HINT = 'write "key: value", with a space after the colon'

const TAB: Explanation = {
  code: 'yaml-tab',
  message: 'this line is indented with a tab',
  hint: 'YAML allows only spaces for indentation: use two for each level',
}

const BRACES: Explanation = {
  message: 'these braces start a mapping, because the text has no quotes',
  hint: 'put quotes around the whole text: "out/{target}.csv"',
}

function explain(error: YAMLError, text: string): Explanation {
  if (isTab(error, text)) return TAB
  return isNextToPlaceholder(error, text) ? BRACES : explainCode(error)
}

/** `out/{target}.csv` without quotes: the parser reports the brace, or what follows it. */
function isNextToPlaceholder({ pos: [start] }: YAMLError, text: string): boolean {
  const near = text.slice(Math.max(0, start - 100), start)
  const line = near.slice(near.lastIndexOf('\n') + 1)
  return /^\{[^{}\s,]+\}/.test(text.slice(start, start + 100)) || /\{[^{}\s,]+\}$/.test(line)
}

function explainCode(error: YAMLError): Explanation {
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'unexpected second "key: value" on this line',
        hint: 'put quotes around a text that contains ": ", or indent the key like the keys above',
      }
    case 'BLOCK_IN_FLOW':
      return { message: 'missing comma between two entries of { } or [ ]' }
    case 'MULTILINE_IMPLICIT_KEY':
    case 'MISSING_CHAR':
      return { message: 'this key has no value', hint: KEY_HINT }
    case 'BAD_INDENT':
      return {
        message: 'wrong indentation',
        hint: 'indent all keys of a mapping equally',
      }
    case 'BAD_SCALAR_START':
      return {
        message: "a text without quotes can't start with this character",
        hint: 'put quotes around the text',
      }
    case 'BAD_DQ_ESCAPE':
      return {
        message: 'invalid escape in a text with double quotes',
        hint: 'write \\\\ for a backslash, or use single quotes',
      }
    case 'BAD_ALIAS':
      return {
        message: '* starts an alias, and the name of its anchor is missing',
        hint: 'put quotes around the text: "*"',
      }
    default:
      return { message: `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}` }
  }
}

/** Inside brackets, the parser reports a wrong indent and does not say that it is a tab. */
function isTab(error: YAMLError, text: string): boolean {
  const [start] = error.pos
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const indent = text.slice(Math.max(lineStart, start - DEEPEST_INDENT), start)
  return error.code === 'TAB_AS_INDENT' || (indent.includes('\t') && indent.trim() === '')
}

function isUnclosed(error: YAMLError, text: string): boolean {
  return !isTab(error, text) && /^Missing closing|end with a [\]}]$/.test(error.message)
}

/** The offset of the last quote or bracket that is open at an offset; null for none. */
function openingBefore(document: Document.Parsed, offset: number): number | null {
  let last: number | null = null
  visit(document, (_key, node) => {
    const opens =
      (isCollection(node) && node.flow === true) ||
      (isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE'))
    if (!opens || !node.range) return
    const [start, end] = node.range
    if (start < offset && end >= offset && start > (last ?? -1)) last = start
  })
  return last
}

function tagProblem(
  file: string,
  warning: YAMLError,
  text: string,
  locationOf: LocationOf,
): Problem {
  const tag = text.slice(...warning.pos)
  return {
    code: 'yaml-tag',
    message: `${file}: the tag ${tag} is not supported`,
    at: locationOf(...warning.pos),
    hint: 'remove it; put quotes around a text that starts with "!"',
  }
}

function secondDocument(file: string, second: Document.Parsed, locationOf: LocationOf): Problem {
  return {
    code: 'yaml-syntax',
    message: `${file} contains a second YAML document`,
    at: locationOf(second.range[0], second.range[0] + 1),
    hint: 'remove the "---" line between the documents',
  }
}
