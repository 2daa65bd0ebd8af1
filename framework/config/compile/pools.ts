import { closest } from '../../lib/did-you-mean.ts'
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
      const suggestion = closest(pool, names)
      const others = names.length === 0 ? '' : `; known pools: ${names.join(', ')}`
      return [
        {
          code: 'unknown-pool',
          message: `${asset ?? `${file}, defaults`}: unknown pool "${pool}"`,
          at: { file, path: asset === null ? ['defaults', 'pool'] : ['assets', asset, 'pool'] },
          hint:
            suggestion === null
              ? `add it to assets.yaml: pools: {${pool}: 1}${others}`
              : `did you mean "${suggestion}"?`,
          ...(asset === null ? {} : { asset }),
        },
      ]
    }),
  )
}
