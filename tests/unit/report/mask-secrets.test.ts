import { expect, it } from 'vitest'
import { maskSecrets } from '../../../framework/report/mask-secrets.ts'

it.each([
  ['password: hunter22', 'password: ***'],
  ['dev: {type: x, password: "a, b", user: ann}', 'dev: {type: x, password: ***, user: ann}'],
  ["  'pass': hunter22 # mine", "  'pass': ***"],
  ['path: "md:shop?motherduck_token=abc"', 'path: "md:shop?motherduck_token=***"'],
  ['DB_PASSWORD=hunter22', 'DB_PASSWORD=***'],
  [`token: "{{ env_var('TOKEN') }}"`, `token: "{{ env_var('TOKEN') }}"`],
  ['password: $' + '{PASSWORD}', 'password: $' + '{PASSWORD}'],
  ['private_key_path: /k.p8', 'private_key_path: /k.p8'],
  ['primary_key: [id], tokens: 3', 'primary_key: [id], tokens: 3'],
])('%s is shown as %s', (line, shown) => {
  expect(maskSecrets(line)).toBe(shown)
})
