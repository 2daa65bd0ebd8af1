import { expect, test } from 'vitest'
import { createRedactor } from '../../../framework/lib/redact.ts'

test('a secret is redacted in plain, percent-encoded, form-encoded, JSON-escaped and base64 form', () => {
  const secret = 'p@ss "wörd/+'
  const redact = createRedactor([secret])
  const forms = [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase().replaceAll('w%c3', 'w%c3'),
    new URLSearchParams({ p: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
  ]
  for (const form of forms) expect(redact(`before ${form} after`)).toBe('before *** after')
})

test('an encoded secret is also redacted in decoded form', () => {
  expect(createRedactor(['a%20b%2Fc'])('password "a b/c" refused')).toBe('password "***" refused')
})

test('longer secrets are replaced first; short and empty ones are not redacted', () => {
  const redact = createRedactor(['secret', 'secret-and-more', 'ab', '', '    '])
  expect(redact('secret-and-more, secret, ab,    .')).toBe('***, ***, ab,    .')
})

test('without secrets texts are unchanged; special characters of regular expressions are literal', () => {
  expect(createRedactor([])('text')).toBe('text')
  expect(createRedactor(['a.c*(d'])('abc a.c*(d')).toBe('abc ***')
  expect(createRedactor(['100%_sure'])('it is 100%_sure')).toBe('it is ***')
})
