import { type Mutant, oneEdit } from './mutant.ts'

const E2E = ['tests/e2e/secrets-of-commands.test.ts']
const bundled = (...edit: Parameters<typeof oneEdit>): Mutant => ({
  ...oneEdit(...edit),
  isBundled: true,
})

/** Secrets that programs print, and what programs get of `.env`. */
export const SECRET_MUTANTS: readonly Mutant[] = [
  bundled(
    'secrets-of-dotenv-are-shown',
    'values of .env under secret-like names are hidden',
    'config/target/environment-secrets.ts',
    ['Object.entries(dotenv)', 'Object.entries({} as Env)'],
    E2E,
  ),
  bundled(
    'secrets-of-the-shell-are-shown',
    'long values of the shell under secret-like names are hidden',
    'config/target/environment-secrets.ts',
    ['if (value.length < SHORTEST_OF_SHELL)', 'if (value.length > 0)'],
    E2E,
  ),
  bundled(
    'passwords-of-urls-are-shown',
    'the password of any URL is hidden',
    'lib/redact.ts',
    ['withoutUrlPasswords(replace(text))', 'replace(text)'],
    E2E,
  ),
  bundled(
    'a-command-gets-all-of-dotenv',
    'of .env, a command gets what its env: names',
    'kinds/command/index.ts',
    ['env: shell, extraEnv', 'env, extraEnv'],
    E2E,
  ),
  bundled(
    'passwords-are-cached',
    'a project with a password in its YAML is not cached',
    'config/load-project.ts',
    ['next.files.some(({ holdsSecret }) => holdsSecret)', 'next.files.length === 0'],
    E2E,
  ),
  bundled(
    'home-is-open',
    '.assets is open to its user only',
    'cli/home.ts',
    ['const PRIVATE = 0o700', 'const PRIVATE = 0o755'],
    E2E,
  ),
  oneEdit(
    'dbt-gets-all-of-dotenv',
    'of .env, dbt gets what its project and profile name',
    'kinds/dbt/worker-environment.ts',
    ['if (COMPOSED.test(text)) unnamed.clear()', 'unnamed.clear()'],
    ['tests/unit/kind-dbt/worker-environment.test.ts'],
  ),
]
