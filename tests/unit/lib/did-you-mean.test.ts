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

  it('returns the first of equally similar candidates', () => {
    expect(closest('ab', ['ax', 'ay'])).toBe('ax')
  })

  it('prefers an exact match to earlier candidates', () => {
    expect(closest('film', ['films', 'film'])).toBe('film')
  })

  it('counts two swapped letters as one edit', () => {
    expect(closest('kidn', ['kind'])).toBe('kind')
  })

  it('allows one edit in a short word', () => {
    expect(closest('to', ['tp'])).toBe('tp')
    expect(closest('to', ['xy'])).toBeNull()
  })
})
