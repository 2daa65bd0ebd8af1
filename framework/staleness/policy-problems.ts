import type { Asset, Policy } from '../model/asset.ts'
import type { Definition } from '../model/definition.ts'
import type { Problem, ProblemCode } from '../model/problem.ts'

/**
 * What a policy asks of an asset that can't be had: a version of a mode that says nothing of such an
 * asset, columns left out where none are looked at, changes adopted where none are seen. Problems:
 * `data-version-unfit`, `volatile-unfit`, `adopt-unfit`, each at its key.
 */
export function policyProblems(asset: Asset, definition: Definition): readonly Problem[] {
  const { dataVersion: mode, volatileColumns, onDrift } = asset.policy
  const problems: Problem[] = []
  const tell = (code: ProblemCode, key: string, fact: string, hint: string) => {
    const at = { file: asset.file, path: ['assets', asset.name, key] }
    const message = `${asset.name}: ${fact}`
    problems.push({ code, message, at, hint, asset: asset.name, mistake: true })
  }
  const unfit = mode === 'default' ? null : unfitMode(mode, definition)
  if (unfit !== null) {
    tell('data-version-unfit', 'data_version', `data_version: ${mode} ${unfit.fact}`, unfit.hint)
  }
  if (volatileColumns.length > 0) {
    const others = mode !== 'default' && mode !== 'content'
    const looks = others ? `data_version: ${mode} looks at no columns` : noColumns(definition)
    if (looks !== null) {
      const fact = `volatile_columns has no effect, since ${looks}`
      tell('volatile-unfit', 'volatile_columns', fact, 'remove it')
    }
  }
  if (onDrift === 'adopt' && mode === 'derived' && definition.form === 'stored') {
    const fact =
      'on_drift: adopt says that others may change it, and data_version: derived that none do'
    tell('adopt-unfit', 'on_drift', fact, 'take data_version: content, or on_drift: rebuild')
  }
  return problems
}

interface Unfit {
  readonly fact: string
  readonly hint: string
}

/** Why versions of a mode would say nothing of such an asset; null where they do. */
function unfitMode(
  mode: Exclude<Policy['dataVersion'], 'default'>,
  { form, kind, relation, outputs, accumulates, clock }: Definition,
): Unfit | null {
  switch (form) {
    case 'ephemeral':
      return mode === 'derived'
        ? null
        : {
            fact: 'can tell nothing of an ephemeral model, which holds nothing: it is its code and inputs',
            hint: 'remove it, or make the model a view or a table',
          }
    case 'view':
      return mode === 'change_token'
        ? {
            fact: 'needs a table: a view keeps no token that moves with what it shows',
            hint: 'take content (what it shows) or derived (what it is made of)',
          }
        : null
    case 'external':
      if (mode === 'derived') {
        return {
          fact: 'can tell nothing of what somebody else makes',
          hint: 'take content, or always_new',
        }
      }
      return mode === 'change_token' && relation === null ? TOKEN_OF_FILE : null
    case 'stored':
      switch (mode) {
        case 'content':
          return relation === null && outputs.length === 0
            ? { fact: 'needs something to look at, and it writes no file', hint: 'add `outputs:`' }
            : null
        case 'change_token':
          return relation === null && outputs.length > 0 ? TOKEN_OF_FILE : null
        case 'derived': {
          const more = madeOfMore(kind, accumulates, clock)
          return more === null
            ? null
            : {
                fact: `speaks of code and inputs, and ${more}`,
                hint: 'take content, or always_new',
              }
        }
        case 'always_new':
          return null
      }
  }
}

const TOKEN_OF_FILE: Unfit = {
  fact: 'needs a table: the time of a file moves without a change, and may stay with one',
  hint: 'take content; a file whose size and times are as recorded is not read again',
}

/** What a key of code and inputs would leave out. */
function madeOfMore(
  kind: Definition['kind'],
  accumulates: Definition['accumulates'],
  clock: boolean,
): string | null {
  if (kind === 'airbyte') return 'a raw table is made of what its source holds'
  if (accumulates !== 'no') return 'it is built on what it held before'
  return clock ? 'its code names the clock' : null
}

function noColumns({ form, relation }: Definition): string | null {
  if (form === 'ephemeral') return 'an ephemeral model holds nothing'
  return relation === null ? 'a file is hashed as it is' : null
}
