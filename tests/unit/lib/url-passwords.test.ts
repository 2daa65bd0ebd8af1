import { expect, test } from 'vitest'
import { withoutUrlPasswords } from '../../../framework/lib/url-passwords.ts'

test.each([
  ['postgres://etl:pw@h/db', 'postgres://etl:***@h/db'],
  [
    'a postgres://etl:p@w:x@h:5/db and mysql://u:q@h',
    'a postgres://etl:***@h:5/db and mysql://u:***@h',
  ],
  ['"redis://:pw@h", next', '"redis://:***@h", next'],
  ['https://h/a?x=1&api_key=abc&y=2#f', 'https://h/a?x=1&api_key=***&y=2#f'],
  ['jdbc:snowflake://h?user=u&password=p w', 'jdbc:snowflake://h?user=u&password=*** w'],
  // Nothing here is a password.
  ['https://host:8080/path@2x.png', 'https://host:8080/path@2x.png'],
  ['https://user@host/', 'https://user@host/'],
  ['postgres://etl:@h', 'postgres://etl:@h'],
  ['see a://b://c', 'see a://b://c'],
  ['time 12:30 @home ://', 'time 12:30 @home ://'],
])('%s', (text, shown) => {
  expect(withoutUrlPasswords(text)).toBe(shown)
  expect(withoutUrlPasswords(shown)).toBe(shown)
})
