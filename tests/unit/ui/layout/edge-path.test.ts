import { expect, test } from 'vitest'
import { edgePath } from '../../../../framework/ui/layout/edge-path.ts'

test('a line is horizontal at each point, and straight between points of equal y', () => {
  expect(edgePath([0, 10, 50, 30, 150, 30, 200, 20])).toBe(
    'M0 10C25 10 25 30 50 30H150C175 30 175 20 200 20',
  )
})

test('numbers have one decimal at most', () => {
  expect(edgePath([0.04, 1.26, 10.111, 2.349])).toBe('M0 1.3C5.1 1.3 5.1 2.3 10.1 2.3')
  expect(edgePath([-0.01, 0.01, 5, -0.02])).toBe('M0 0H5')
})

test('fewer than two points are no line', () => {
  expect(edgePath([])).toBe('')
  expect(edgePath([1, 2])).toBe('')
})
