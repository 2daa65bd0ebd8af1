import { z } from 'zod'
import { isUrl, PATH_RULES, type PathRule, pathFault, spellingFault } from '../lib/project-path.ts'

// The YAML values that many declarations have. Import it only from a declaration, or from config/schema/.

/** Characters of a name, a tag, a column. Warehouses allow 255 at most. */
const MAX_LABEL = 255
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it excludes
const NO_CONTROL = /^[^\u0000-\u001f\u007f-\u009f]*$/

/** A name of something in the outside world, or for people: a column, a tag, a stream. */
export const label = nameUpTo(MAX_LABEL)

/** A relation or a unique_id: several names with dots between them. */
export const longLabel = nameUpTo(4 * MAX_LABEL)

function nameUpTo(length: number) {
  return z
    .string()
    .min(1)
    .max(length, `is longer than ${length} characters`)
    .regex(NO_CONTROL, 'has a control character, such as a line break')
}

/** Text for people, SQL or a program: anything but NUL, which neither SQL nor programs take. */
export const longText = z.string().regex(/^[^\0]*$/, 'has a NUL character')

/** What a path may be besides a path: a URL; or one that begins with the home folder, `~`. */
type Also = 'url' | 'home'

/**
 * A path that follows one of the rules of all paths; its description in the schema ends with the rule. Links are looked
 * at when the path is used. Problem `invalid-path`.
 */
export function pathField(rule: PathRule, what: string, also?: Also) {
  return z
    .string()
    .min(1)
    .superRefine((path, context) => {
      const isOther = also === 'url' && isUrl(path)
      const own = also === 'home' ? path.replace(/^~(?=\/|$)/, '.') : path
      const fault = isOther ? spellingFault(path) : pathFault(own, rule)
      if (fault === null) return
      const params = { problem: 'invalid-path', hint: fault.hint }
      context.addIssue({ code: 'custom', message: fault.message, params })
    })
    .meta({ pattern: NO_CONTROL.source })
    .describe(`${what} ${PATH_RULES[rule]}`)
}
