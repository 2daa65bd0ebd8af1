import { closest } from '../../lib/did-you-mean.ts'
import type { Pointer } from '../../model/location.ts'
import type { Problem } from '../../model/problem.ts'
import type { Project } from '../../model/project.ts'
import type { DeclaredAssets, PoolUse } from './compiled-file.ts'
import { isMapping, type Mapping } from './mapping.ts'

/** The `pool:` keys of a file. `validate` reports those that are not strings. */
export function poolUses(defaults: Mapping, assets: Mapping): readonly PoolUse[] {
  const bodies = [[null, defaults] as const, ...Object.entries(assets)]
  return bodies.flatMap(([asset, body]) => {
    const pool = isMapping(body) ? body.pool : undefined
    return typeof pool === 'string' ? [{ pool, asset }] : []
  })
}

/** `unknown-pool`: a file uses a pool that `assets.yaml` does not declare. */
export function poolProblems(
  files: readonly Pick<DeclaredAssets, 'file' | 'pools'>[],
  declared: Project['pools'],
): readonly Problem[] {
  const names = Object.keys(declared)
  return files.flatMap(({ file, pools }) =>
    pools.flatMap(({ pool, asset }): Problem[] => {
      if (Object.hasOwn(declared, pool)) return []
      const path = asset === null ? ['defaults', 'pool'] : ['assets', asset, 'pool']
      const problem = unknownPool(asset ?? `${file}, defaults`, pool, names, { file, path })
      return [{ ...problem, ...(asset === null ? {} : { asset }) }]
    }),
  )
}

/** The problem of a pool that `pools:` does not have. `who`: what names it. */
export function unknownPool(
  who: string,
  pool: string,
  known: readonly string[],
  at: Pointer,
): Problem {
  const suggestion = closest(pool, known)
  const others = known.length === 0 ? '' : `; known pools: ${known.join(', ')}`
  return {
    code: 'unknown-pool',
    message: `${who}: unknown pool "${pool}"`,
    at,
    hint:
      suggestion === null
        ? `add it to assets.yaml: pools: {${pool}: 1}${others}`
        : `did you mean "${suggestion}"?`,
    absent: pool,
  }
}
