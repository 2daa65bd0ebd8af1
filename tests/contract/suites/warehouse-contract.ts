import { describe } from 'vitest'
import { WarehouseRig, type WarehouseUnderTest } from './warehouse.ts'
import { exportContract } from './warehouse-exports.ts'
import { loadContract } from './warehouse-loads.ts'
import { lookContract } from './warehouse-looks.ts'
import { mergeContract } from './warehouse-merges.ts'

/** How warehouses differ. */
export interface Abilities {
  /** Has a loader. */
  readonly loads: boolean
  /** Distinguishes integers of 64 bits from longer ones. */
  readonly tellsWidths: boolean
  /** A view with `select *` shows columns that its table gets later. If not, it can't be read from then on. */
  readonly widensViews: boolean
}

export const ALL_ABILITIES: Abilities = { loads: true, tellsWidths: true, widensViews: true }

/** The contract of every implementation of `ports/warehouse.ts`. */
export function warehouseContract(
  name: string,
  make: () => Promise<WarehouseUnderTest>,
  abilities: Abilities = ALL_ABILITIES,
): void {
  describe(`${name} as a warehouse`, () => {
    const rig = new WarehouseRig(make)
    if (abilities.loads) {
      loadContract(rig)
      mergeContract(rig)
    }
    lookContract(rig, abilities)
    exportContract(rig)
  })
}
