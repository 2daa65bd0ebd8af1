import { z } from 'zod'

/**
 * A text of some form, which `words` describe. Editors are told them too: by yaml-language-server's
 * `patternErrorMessage`, where they would show the pattern.
 */
export function formed(pattern: RegExp, words: string) {
  return z
    .string()
    .regex(pattern, words)
    .meta({ patternErrorMessage: `It must be ${words}.` })
}
