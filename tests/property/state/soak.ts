import { parseArgs } from 'node:util'
import { DamagedBits } from './damaged-bits.ts'

/**
 * Flips single bits of a state: `npm run soak:state -- [--flips 3000] [--seed 7]`. Exits with 1 if a command crashed, called
 * the damage a bug, or called an asset fresh that is stale without the damage.
 */
const { values } = parseArgs({
  options: {
    flips: { type: 'string', default: '3000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const wanted = Number(values.flips)
const PER_LINE = 500
const bits = new DamagedBits()
let wrong = 0
try {
  await bits.build()
  for (let done = 0; done < wanted; done += PER_LINE) {
    const count = Math.min(PER_LINE, wanted - done)
    const seed = Number(values.seed) + done / PER_LINE
    const flips = await bits.flip(count, seed)
    wrong += flips.wrong.length
    for (const line of flips.wrong) console.log(line)
    console.log(
      `${done + count} flips of ${bits.bits} bits: seed ${seed}: ${flips.answered} answered, ${flips.refused} refused, ${flips.wrong.length} wrong`,
    )
  }
} finally {
  bits.remove()
}
process.exit(wrong > 0 ? 1 : 0)
