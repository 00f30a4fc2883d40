import { expect, test } from 'vitest'
import { boundsOf, pointsOf, stepsOf } from './steps'

const box = { width: 100, height: 116 }

test('a balance stays until the next day, and zero is in the picture', () => {
  const points = pointsOf([50, 100], box)
  expect(points).toEqual([
    { x: 0, y: 58 },
    { x: 50, y: 8 },
  ])
  expect(stepsOf(points, 100)).toBe('M0 58H50V8H100')
})

test('what is owed lies below zero', () => {
  expect(boundsOf([-50, 100])).toEqual({ low: -50, high: 100 })
  expect(pointsOf([-50], box)[0]?.y).toBe(108)
})

test('nothing moved, and nothing at all, are pictures too', () => {
  expect(stepsOf(pointsOf([0, 0], box), 100)).toBe('M0 108H50V108H100')
  expect(stepsOf(pointsOf([], box), 100)).toBe('')
})
