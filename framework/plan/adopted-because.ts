import type { AdoptedBecause } from '../model/record.ts'

/** Why an asset without a record was adopted, as the end of a sentence. */
export const WHY_ADOPTED: Readonly<Record<AdoptedBecause, string>> = {
  definition: 'its definition is the installed one',
  vouched: 'vouched for with --vouch',
}
