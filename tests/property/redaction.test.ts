import fc from 'fast-check'
import { expect, test } from 'vitest'
import { secretsIn } from '../../framework/config/target/secret-detection.ts'
import { createRedactor } from '../../framework/lib/redact.ts'

/**
 * Any text, except short ones, which are not redacted, and ones that consist of `*` and white
 * space.
 */
const secret = fc
  .string({ unit: 'grapheme', minLength: 4, maxLength: 40 })
  .filter((text) => text.trim().length >= 4 && /[^*\s]/.test(text) && !/\p{Surrogate}/u.test(text))

/** The encodings in which a program may print a secret. */
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  unchanged: (text) => text,
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (text) =>
    encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  'as the password of a parsed URL': (text) =>
    Object.assign(new URL('http://u@h'), { password: text }).password,
  'as form data': (text) => new URLSearchParams([['', text]]).toString().slice(1),
  'in JSON': (text) => JSON.stringify(text).slice(1, -1),
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'in base64 without padding': (text) => Buffer.from(text).toString('base64').replace(/=+$/, ''),
  'in base64url': (text) => Buffer.from(text).toString('base64url'),
}

test.each(Object.entries(ENCODINGS))('a secret is redacted (%s)', (_, write) => {
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      const written = write(value)
      fc.pre(written.length >= 4)
      const shown = createRedactor([value])(`${before} ${written} ${after}`)
      expect(shown.length).toBeLessThan(`${before} ${written} ${after}`.length + 3)
      expect(shown.includes(written)).toBe(false)
    }),
  )
})

test('the password of a URL is redacted in the URL, alone, in JSON and in basic authentication', () => {
  fc.assert(
    fc.property(secret, (password) => {
      const url = `postgres://etl:${encodeURIComponent(password)}@db:5432/shop`
      const redact = createRedactor(secretsIn(url))
      const basic = Buffer.from(`etl:${password}`).toString('base64')
      for (const text of [url, password, `Basic ${basic}`, JSON.stringify({ url })]) {
        const shown = redact(`error: ${text}`)
        expect(shown).toContain('***')
        for (const leak of [password, encodeURIComponent(password), basic]) {
          expect(shown.includes(leak)).toBe(false)
        }
      }
    }),
  )
})

test('a text without a secret is not changed', () => {
  fc.assert(
    fc.property(fc.array(secret), fc.string(), (secrets, text) => {
      const redact = createRedactor(secrets)
      const isQuoted = secrets.some((value) =>
        Object.values(ENCODINGS).some((write) => text.includes(write(value).slice(0, 4))),
      )
      fc.pre(!isQuoted)
      expect(redact(text)).toBe(text)
    }),
  )
})
