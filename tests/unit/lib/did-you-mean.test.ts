import { describe, expect, it } from 'vitest'
import { closest } from '../../../framework/lib/did-you-mean.ts'

const assets = ['raw_payment', 'stg_payment', 'fact_payment', 'dim_film', 'dim_customer']

describe('closest', () => {
  it.each([
    ['fact_paymnet', 'fact_payment'],
    ['fact_paymen', 'fact_payment'],
    ['factpayment', 'fact_payment'],
    ['dim_films', 'dim_film'],
    ['DIM_FILM', 'dim_film'],
    ['dim-film', 'dim_film'],
    ['dim.film', 'dim_film'],
    ['stg_paiment', 'stg_payment'],
  ])('%s is %s', (word, meant) => expect(closest(word, assets)).toBe(meant))

  it.each(['orders', 'x', '', 'dim_inventory'])('%j is none of them', (word) =>
    expect(closest(word, assets)).toBeNull(),
  )

  it('takes the first of equally near ones', () => {
    expect(closest('ab', ['ax', 'ay'])).toBe('ax')
  })

  it('prefers an exact match to anything nearer in the list', () => {
    expect(closest('film', ['films', 'film'])).toBe('film')
  })

  it('counts two swapped letters as one slip', () => {
    expect(closest('kidn', ['kind'])).toBe('kind')
  })

  it('allows one slip in a short word and no more', () => {
    expect(closest('to', ['tp'])).toBe('tp')
    expect(closest('to', ['xy'])).toBeNull()
  })
})
