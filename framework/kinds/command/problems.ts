import type { Asset } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'
import type { Ended } from './run-program.ts'

/** By the convention of sysexits.h: a failure that may be over when it is tried again. */
const EX_TEMPFAIL = 75
/** Exit codes by which a shell tells that it could not run what it was given. */
const SHELL_REFUSALS = new Map([
  [126, 'the shell may not run what it names'],
  [127, 'the shell did not find what it names'],
])

/** Why a program did not do its work; `redact` takes secrets out of what it printed. */
export function commandProblem(
  asset: Asset,
  argv: readonly string[],
  ended: Exclude<Ended, { end: 'done' | 'cancelled' }>,
  redact: (text: string) => string,
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
        hint: 'install it, or correct `run:`; a path in it starts at the project root',
      }
    case 'exit': {
      const refusal = program === 'sh' ? SHELL_REFUSALS.get(ended.code) : undefined
      return {
        ...common,
        ...printed(ended.tail, redact),
        code: 'command-failed',
        message: `${asset.name}: its command ended with exit code ${ended.code}${refusal ? `, ${refusal}` : ''}`,
        ...mayPass(asset, ended.code === EX_TEMPFAIL),
      }
    }
    case 'signal':
      return {
        ...common,
        ...printed(ended.tail, redact),
        code: 'command-failed',
        message: `${asset.name}: its command was ended by ${ended.signal}`,
        ...mayPass(asset, false),
        ...(ended.signal === 'SIGKILL'
          ? { hint: 'somebody killed it; when nobody did, the machine ran out of memory' }
          : {}),
      }
  }
}

/** Whoever sets `retries:` on a command wants it tried again however it failed. */
function mayPass({ policy }: Asset, saysSo: boolean): { transient?: true } {
  return saysSo || policy.retries !== null ? { transient: true } : {}
}

function printed(tail: string, redact: (text: string) => string): { detail?: string } {
  const text = redact(tail)
  return text === '' ? {} : { detail: text }
}
