import type { Asset } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'
import type { ProgramEnd } from './run-program.ts'

/** By the convention of sysexits.h: a temporary failure. */
const EX_TEMPFAIL = 75
/** Exit codes of a shell that could not run the program in its command line. */
const SHELL_REFUSALS = new Map([
  [126, 'the shell was not allowed to run a program'],
  [127, 'the shell did not find a program'],
])

/**
 * The problem of a program that failed. `redact` removes secrets from its output. `kept`: the variables of `.env` that
 * it did not get.
 */
export function commandProblem(
  asset: Asset,
  argv: readonly string[],
  ended: Exclude<ProgramEnd, { end: 'done' | 'cancelled' }>,
  redact: (text: string) => string,
  kept: readonly string[] = [],
): Problem {
  const common = {
    at: { file: asset.file, path: ['assets', asset.name, 'run'] },
    asset: asset.name,
  }
  const [program = ''] = argv
  switch (ended.end) {
    case 'not_started':
      return {
        ...common,
        code: 'command-not-started',
        message:
          ended.code === 'ENOENT'
            ? `${asset.name}: ${program} was not found`
            : `${asset.name}: ${program} could not be started (${ended.code})`,
        hint: 'install it, or correct `run:`; paths in it are relative to the project root',
      }
    case 'exit': {
      const refusal = program === 'sh' ? SHELL_REFUSALS.get(ended.code) : undefined
      return {
        ...common,
        ...printed(ended.tail, redact),
        code: 'command-failed',
        message: `${asset.name}: the command failed with exit code ${ended.code}${refusal ? `: ${refusal}` : ''}`,
        ...hintOfKept(
          kept.filter((name) =>
            argv.some((part) => part.includes(`$${name}`) || part.includes(`\${${name}`)),
          ),
        ),
        ...transience(asset, ended.code === EX_TEMPFAIL),
      }
    }
    case 'helper_lost':
      return {
        ...common,
        code: 'command-failed',
        message: `${asset.name}: the process of assets that ran the command was killed, and the command with it`,
        hint: 'unless someone killed it, the machine ran out of memory',
        ...transience(asset, false),
      }
    case 'signal':
      return {
        ...common,
        ...printed(ended.tail, redact),
        code: 'command-failed',
        message: `${asset.name}: the command was killed by ${ended.signal}`,
        ...transience(asset, false),
        ...(ended.signal === 'SIGKILL'
          ? { hint: 'unless someone killed the process, the machine ran out of memory' }
          : {}),
      }
  }
}

/** A variable of `.env` that its line names, and `env:` does not. */
function hintOfKept([name]: readonly string[]): { readonly hint?: string } {
  return name === undefined
    ? {}
    : { hint: `${name} is in .env: name it in \`env:\` of the asset, so that the command gets it` }
}

/** A command with `retries:` is tried again after every failure. */
function transience({ policy }: Asset, isTemporary: boolean): { transient?: true } {
  return isTemporary || policy.retries !== null ? { transient: true } : {}
}

function printed(tail: string, redact: (text: string) => string): { detail?: string } {
  const text = redact(tail)
  return text === '' ? {} : { detail: text }
}
