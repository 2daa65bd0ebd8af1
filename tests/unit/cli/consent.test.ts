import { expect, test } from 'vitest'
import { Consent } from '../../../framework/cli/consent.ts'

test('comments that are set without a build are asked for, once', async () => {
  const asked: string[] = []
  const consent = new Consent('prod', null, async (question) => {
    asked.push(question)
    return 'y'
  })
  expect(await consent.to({ steps: [], comments: [], drops: 0 })).toBeNull()
  expect(await consent.to({ steps: [], comments: ['film', 'actor'], drops: 0 })).toBeNull()
  expect(await consent.to({ steps: [], comments: ['film'], drops: 0 })).toBeNull()
  expect(asked).toEqual(['set comments of 2 assets on prod? [y/N] '])
})

test('the answer no refuses comments', async () => {
  const consent = new Consent('prod', null, async () => 'n')
  expect(await consent.to({ steps: [], comments: ['film'], drops: 0 })).toMatchObject({
    code: 'declined',
  })
})
