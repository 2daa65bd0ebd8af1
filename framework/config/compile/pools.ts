import { closest } from '../../lib/did-you-mean.ts'
import type { Problem } from '../../model/problem.ts'
import type { Project } from '../../model/project.ts'
import type { Declared, PoolUse } from './compiled-file.ts'
import { isMapping, type Mapping } from './mapping.ts'

/** The pools that a file's defaults and its assets name; what is no text is judged elsewhere. */
export function poolUses(defaults: Mapping, assets: Mapping): readonly PoolUse[] {
  const bodies = [[null, defaults] as const, ...Object.entries(assets)]
  return bodies.flatMap(([asset, body]) => {
    const pool = isMapping(body) ? body.pool : undefined
    return typeof pool === 'string' ? [{ pool, asset }] : []
  })
}

/** `unknown-pool`: a file names a pool that `assets.yaml` does not have. */
export function poolProblems(
  files: readonly Pick<Declared, 'file' | 'pools'>[],
  known: Project['pools'],
): readonly Problem[] {
  const names = Object.keys(known)
  return files.flatMap(({ file, pools }) =>
    pools.flatMap(({ pool, asset }): Problem[] => {
      if (Object.hasOwn(known, pool)) return []
      const meant = closest(pool, names)
      const others = names.length === 0 ? '' : `; known pools: ${names.join(', ')}`
      return [
        {
          code: 'unknown-pool',
          message: `${asset ?? `${file}, defaults`}: there is no pool "${pool}"`,
          at: { file, path: asset === null ? ['defaults', 'pool'] : ['assets', asset, 'pool'] },
          hint:
            meant === null
              ? `add it to assets.yaml: pools: {${pool}: 1}${others}`
              : `did you mean "${meant}"?`,
          ...(asset === null ? {} : { asset }),
        },
      ]
    }),
  )
}
