import { type Document, isCollection, isScalar, visit, type YAMLError } from 'yaml'
import type { Location } from '../../model/location.ts'
import type { Problem, ProblemCode } from '../../model/problem.ts'

type Placer = (start: number, end: number) => Location

interface Found {
  readonly document: Document.Parsed
  readonly second: Document.Parsed | undefined
  readonly text: string
}

/** Errors about one value by itself; whatever else is wrong in the file, they stand. */
const OWN_FAULT = new Set<YAMLError['code']>(['BAD_SCALAR_START', 'BAD_DQ_ESCAPE', 'BAD_ALIAS'])

/**
 * What is wrong with the syntax, in words. Of errors in the structure only the first is told: where
 * one bracket or quote is missing, the parser finds fault with everything behind it.
 */
export function syntaxProblems(file: string, found: Found, place: Placer): readonly Problem[] {
  const { document, second } = found
  const own = document.errors.filter((error) => OWN_FAULT.has(error.code))
  const structure = document.errors.filter((error) => !OWN_FAULT.has(error.code))
  const tab = structure.find((error) => isTab(error, found.text))
  const first = tab ?? structure[0]
  const problems = [...(first === undefined ? [] : [first]), ...own].map((error) =>
    syntaxProblem(file, error, found, place),
  )
  const tags = document.warnings.map((warning) => tagProblem(file, warning, found.text, place))
  if (second === undefined || first !== undefined) return [...problems, ...tags]
  return [...problems, ...tags, secondDocument(file, second, place)]
}

function syntaxProblem(file: string, error: YAMLError, found: Found, place: Placer): Problem {
  const opening = isUnclosed(error, found.text) ? openingBefore(found.document, error.pos[0]) : null
  if (opening !== null) {
    return {
      code: 'yaml-syntax',
      message: `${file}: the ${found.text.charAt(opening)} that opens here is not closed`,
      at: place(opening, opening + 1),
      hint: 'close it, with the lines in between indented by more than the key it belongs to',
    }
  }
  const { code = 'yaml-syntax', message, hint } = wordingOf(error, found.text)
  const at = place(...error.pos)
  return { code, message: `${file}: ${message}`, at, ...(hint === undefined ? {} : { hint }) }
}

interface Wording {
  readonly code?: ProblemCode
  readonly message: string
  readonly hint?: string
}

const KEY_FORM = 'write "key: value", with a space after the colon'

const TAB: Wording = {
  code: 'yaml-tab',
  message: 'this line is indented with a tab',
  hint: 'YAML knows only spaces there: use two spaces for each level',
}

const BRACES: Wording = {
  message: 'braces in a plain text read as a mapping here',
  hint: 'put quotes around the whole text: "out/{target}.csv"',
}

function wordingOf(error: YAMLError, text: string): Wording {
  if (isTab(error, text)) return TAB
  return isBesidePlaceholder(error, text) ? BRACES : wording(error)
}

/** `out/{target}.csv` without quotes: the parser finds fault with the brace, or with what follows. */
function isBesidePlaceholder({ pos: [start] }: YAMLError, text: string): boolean {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return /^\{[^{}\s,]+\}/.test(text.slice(start, start + 100)) || /\{[^{}\s,]+\}$/.test(line)
}

function wording(error: YAMLError): Wording {
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'a second "key: value" where one value was expected',
        hint: 'put quotes around a text that holds ": ", or start the key in the column of those above',
      }
    case 'BLOCK_IN_FLOW':
      return { message: 'a comma is missing between two entries of { } or [ ]' }
    case 'MULTILINE_IMPLICIT_KEY':
    case 'MISSING_CHAR':
      return { message: 'a key without a value', hint: KEY_FORM }
    case 'BAD_INDENT':
      return {
        message: 'this line is not in the column of the lines it belongs to',
        hint: 'keys of one mapping start in one column',
      }
    case 'BAD_SCALAR_START':
      return {
        message: 'a plain text may not start with this character',
        hint: 'put quotes around the text',
      }
    case 'BAD_DQ_ESCAPE':
      return {
        message: 'no such escape in a text with double quotes',
        hint: 'write \\\\ for a backslash, or use single quotes',
      }
    case 'BAD_ALIAS':
      return {
        message: '* starts a reference to an anchor, and no name follows',
        hint: 'put quotes around the text: "*"',
      }
    default:
      return { message: `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}` }
  }
}

/** Inside brackets the parser finds fault with the indent and does not say that it is a tab. */
function isTab(error: YAMLError, text: string): boolean {
  const [start] = error.pos
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return error.code === 'TAB_AS_INDENT' || (indent.includes('\t') && indent.trim() === '')
}

function isUnclosed(error: YAMLError, text: string): boolean {
  return !isTab(error, text) && /^Missing closing|end with a [\]}]$/.test(error.message)
}

/** Where the last quote or bracket opened that the parser saw no end of before an offset. */
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

function tagProblem(file: string, warning: YAMLError, text: string, place: Placer): Problem {
  const tag = text.slice(...warning.pos)
  return {
    code: 'yaml-tag',
    message: `${file}: the tag ${tag} means nothing here`,
    at: place(...warning.pos),
    hint: 'remove it; put quotes around a text that starts with "!"',
  }
}

function secondDocument(file: string, second: Document.Parsed, place: Placer): Problem {
  return {
    code: 'yaml-syntax',
    message: `${file} holds a second document`,
    at: place(second.range[0], second.range[0] + 1),
    hint: 'remove the line "---" between the two',
  }
}
