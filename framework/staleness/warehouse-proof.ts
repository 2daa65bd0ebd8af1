import { WAREHOUSE_EXCEPT, WAREHOUSE_TOKEN } from '../model/record.ts'
import type { Change } from '../ports/state.ts'

/**
 * The change token that the warehouse had when what is recorded of an asset was last known to match; null if
 * it proves nothing of the asset (SEMANTICS 14f). A token without its exceptions proves nothing at all.
 */
export function warehouseProof(
  changeTokens: ReadonlyMap<string, string>,
): (asset: string) => string | null {
  const token = changeTokens.get(WAREHOUSE_TOKEN)
  const exceptions = changeTokens.get(WAREHOUSE_EXCEPT)
  if (token === undefined || exceptions === undefined) return () => null
  const except = new Set<string>(JSON.parse(exceptions))
  return (asset) => (except.has(asset) ? null : token)
}

/** Records the token with its exceptions; without a token, deletes both. */
export function proofChanges(token: string | null, except: readonly string[]): readonly Change[] {
  const exceptions = token === null ? null : JSON.stringify(except)
  return [
    { change: 'change_token', subject: WAREHOUSE_TOKEN, token },
    { change: 'change_token', subject: WAREHOUSE_EXCEPT, token: exceptions },
  ]
}
