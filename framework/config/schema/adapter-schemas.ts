import type { KindName } from '../../model/asset.ts'
import type { Declaration } from '../../ports/declaration.ts'

type Lazy = () => Promise<Declaration>

/** Which kinds and adapters there are. Each is imported only when some YAML that names it changed. */
export interface Declarations {
  readonly kinds: Readonly<Record<KindName, Lazy>>
  readonly warehouses: Readonly<Record<string, Lazy>>
  readonly connections: Readonly<Record<string, Lazy>>
  readonly states: Readonly<Record<string, Lazy>>
}
