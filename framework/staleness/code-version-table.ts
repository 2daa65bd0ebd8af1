import { isHash, putHash } from '../lib/hash.ts'
import type { Asset, Policy } from '../model/asset.ts'
import type { CodeVersionTable } from '../model/columns.ts'
import type { Definition } from '../model/definition.ts'

export function emptyCodeVersionTable(size: number): CodeVersionTable {
  return { words: new Int32Array(size * 4), known: new Uint8Array(size) }
}

/** The code versions of those assets about whose definitions nothing else is to know. */
export function codeVersionTable(
  assets: readonly Asset[],
  definitions: ReadonlyMap<string, Definition>,
): CodeVersionTable {
  const codes = emptyCodeVersionTable(assets.length)
  for (const [index, asset] of assets.entries()) {
    const definition = definitions.get(asset.name)
    if (definition === undefined || !isPlain(asset, definition)) continue
    putHash(codes.words, index, definition.codeVersion)
    codes.known[index] = 1
  }
  return codes
}

function isPlain({ policy, kind }: Asset, definition: Definition): boolean {
  const { form, unit, freshness, codeVersion } = definition
  const isAlone = form === 'stored' && unit === null && freshness === undefined
  return isAlone && kind !== 'external' && isPlainPolicy(policy) && isHash(codeVersion)
}

/** Whether a policy asks for nothing that the records alone don't tell. */
export function isPlainPolicy({ freshness, dataVersion }: Policy): boolean {
  return freshness === null && dataVersion === 'default'
}
