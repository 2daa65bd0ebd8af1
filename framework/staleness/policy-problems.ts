import type { Asset, Policy } from '../model/asset.ts'
import type { Definition } from '../model/definition.ts'
import { isFunctionRelation } from '../model/function-relation.ts'
import type { Problem, ProblemCode } from '../model/problem.ts'
import type { AssetTable, Trait } from '../model/tables/asset-table.ts'

/**
 * The problems of `policyProblems` of all assets with a definition. It is asked only for policies that
 * can be unfit.
 */
export function allPolicyProblems(
  assets: AssetTable,
  definitionOf: (name: string) => Definition | undefined,
): readonly Problem[] {
  return assets.withTrait(canBeUnfit).flatMap((asset) => {
    const definition = definitionOf(asset.name)
    return definition === undefined ? [] : policyProblems(asset, definition)
  })
}

function canBeUnfit({ policy }: Trait): boolean {
  const { dataVersion, volatileColumns, onDrift } = policy
  return dataVersion !== 'default' || volatileColumns.length > 0 || onDrift === 'adopt'
}

/**
 * Policies that have no meaning for an asset: a mode that it can't have, volatile columns although no
 * columns are hashed, adoption of drift that is never detected. Problems:
 * `data-version-unfit`, `volatile-unfit`, `adopt-unfit`, each at its key.
 */
export function policyProblems(asset: Asset, definition: Definition): readonly Problem[] {
  const { dataVersion: mode, volatileColumns, onDrift } = asset.policy
  const problems: Problem[] = []
  const add = (code: ProblemCode, key: string, fact: string, hint: string) => {
    const at = { file: asset.file, path: ['assets', asset.name, key] }
    const message = `${asset.name}: ${fact}`
    problems.push({ code, message, at, hint, asset: asset.name, mistake: true })
  }
  const unfit = mode === 'default' ? null : unfitMode(mode, definition)
  if (unfit !== null) {
    add('data-version-unfit', 'data_version', `data_version: ${mode} ${unfit.fact}`, unfit.hint)
  }
  if (volatileColumns.length > 0) {
    const isOtherMode = mode !== 'default' && mode !== 'content'
    const why = isOtherMode ? `data_version: ${mode} hashes no columns` : noColumns(definition)
    if (why !== null) {
      add(
        'volatile-unfit',
        'volatile_columns',
        `volatile_columns has no effect: ${why}`,
        'remove it',
      )
    }
  }
  if (onDrift === 'adopt' && mode === 'derived' && definition.form === 'stored') {
    const fact = 'on_drift: adopt contradicts data_version: derived, which never detects drift'
    add('adopt-unfit', 'on_drift', fact, 'use data_version: content, or on_drift: rebuild')
  }
  return problems
}

interface Unfit {
  readonly fact: string
  readonly hint: string
}

/** Why an asset can't have versions of a mode; null if it can. */
function unfitMode(
  mode: Exclude<Policy['dataVersion'], 'default'>,
  definition: Definition,
): Unfit | null {
  const { form, relation, outputs } = definition
  switch (form) {
    case 'ephemeral':
      return mode === 'derived'
        ? null
        : {
            fact: 'has no meaning for an ephemeral model: it holds no data',
            hint: 'remove it, or make the model a view or a table',
          }
    case 'view':
      if (isFunctionRelation(relation) && mode !== 'always_new') {
        return mode === 'derived'
          ? null
          : {
              fact: 'needs rows, and a function holds none',
              hint: 'remove it: the version of a function is made of its code and inputs',
            }
      }
      return mode === 'change_token'
        ? {
            fact: 'needs a table: the change token of a view does not change with its data',
            hint: 'use content (hashes what it shows) or derived (hashes its code and inputs)',
          }
        : null
    case 'external':
      if (mode === 'derived') {
        return {
          fact: 'has no meaning for an external asset: assets does not build it',
          hint: 'use content, or always_new',
        }
      }
      return mode === 'change_token' && relation === null ? TOKEN_OF_FILE : null
    case 'stored':
      switch (mode) {
        case 'content':
          return relation === null && outputs.length === 0
            ? {
                fact: 'needs content to hash, and the asset writes no file',
                hint: 'add `outputs:`',
              }
            : null
        case 'change_token':
          return outputs.length > 0 ? TOKEN_OF_FILE : null
        case 'derived': {
          const more = otherDependency(definition)
          return more === null
            ? null
            : {
                fact: `covers only code and inputs, but ${more}`,
                hint: 'use content, or always_new',
              }
        }
        case 'always_new':
          return null
      }
  }
}

const TOKEN_OF_FILE: Unfit = {
  fact: 'needs a table: the time of a file can change without its content, and the content without the time',
  hint: 'use content; a file whose size and times are as recorded is not read again',
}

/** Why the content of an asset depends on more than its code and inputs; null if it does not. */
function otherDependency({ readsSource, accumulates, clock }: Definition): string | null {
  if (readsSource) return 'a raw table also depends on its source'
  if (accumulates !== 'no') return 'it is built on top of its previous content'
  return clock ? 'its code depends on the current time' : null
}

function noColumns({ form, relation }: Definition): string | null {
  if (form === 'ephemeral') return 'an ephemeral model holds no data'
  if (isFunctionRelation(relation)) return 'a function holds no rows'
  return relation === null ? 'a file is hashed as a whole' : null
}
