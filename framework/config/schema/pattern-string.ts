import { z } from 'zod'

/**
 * A text that must match a pattern. Messages and editors show `description` instead of the pattern:
 * `patternErrorMessage` is an extension of yaml-language-server.
 */
export function patternString(pattern: RegExp, description: string) {
  return z
    .string()
    .regex(pattern, description)
    .meta({ patternErrorMessage: `It must be ${description}.` })
}
