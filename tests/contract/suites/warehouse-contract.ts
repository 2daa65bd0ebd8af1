import { describe } from 'vitest'
import { WarehouseRig, type WarehouseUnderTest } from './warehouse.ts'
import { exportContract } from './warehouse-exports.ts'
import { loadContract } from './warehouse-loads.ts'
import { lookContract } from './warehouse-looks.ts'
import { mergeContract } from './warehouse-merges.ts'

/** In what warehouses may differ. */
export interface Abilities {
  /** Takes the rows of our own loader. */
  readonly loads: boolean
  /** Tells whole numbers of 64 bits from longer ones. */
  readonly tellsWidths: boolean
}

/** What every warehouse promises to those who use its port. */
export function warehouseContract(
  name: string,
  make: () => Promise<WarehouseUnderTest>,
  abilities: Abilities = { loads: true, tellsWidths: true },
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
