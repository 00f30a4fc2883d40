import { describe, expect, it } from 'vitest'
import { EventReader, waitFor } from './events'

const stream =
  'retry: 3000\nid: 9\n\nid: 10\nevent: payments.transaction_settled\ndata: {"a":\ndata: 1}\n\n: still here\nid: 12\n\n'

describe('the stream of events', () => {
  it('says the same however it is cut', () => {
    for (let size = 1; size <= stream.length; size += 1) {
      const reader = new EventReader()
      const told = []
      for (let from = 0; from < stream.length; from += size) told.push(...reader.read(stream.slice(from, from + size)))
      expect(told).toEqual([{ type: 'payments.transaction_settled', data: '{"a":\n1}' }])
      expect(reader.last).toBe('12')
      expect(reader.retryMs).toBe(3000)
    }
  })

  it('ends lines as HTML allows it, also between two pieces', () => {
    const reader = new EventReader('7')
    expect(reader.read('event: reset\r\ndata: {}\r')).toEqual([])
    expect(reader.read('\n\r\n')).toEqual([{ type: 'reset', data: '{}' }])
    expect(reader.last).toBe('7')
  })

  it('tells nothing of an event that is not complete, or without data', () => {
    const reader = new EventReader()
    expect(reader.read('event: reset\n\nevent: other\ndata: 1\n')).toEqual([])
    expect(reader.read('\n')).toEqual([{ type: 'other', data: '1' }])
  })

  it('does not take in what never ends', () => {
    const reader = new EventReader()
    const piece = 'x'.repeat(100_000)
    expect(() => {
      for (let pieces = 0; pieces < 4; pieces += 1) reader.read(piece)
    }).toThrow(RangeError)
    const lines = new EventReader()
    expect(() => {
      for (let count = 0; count < 4; count += 1) lines.read(`data: ${piece}\n`)
    }).toThrow(RangeError)
  })
})

describe('the wait before the next try', () => {
  it('doubles up to a minute and is never nothing', () => {
    expect([1, 2, 3, 4, 5, 6, 50].map((failures) => waitFor(failures, 3000, 1))).toEqual([
      3000, 6000, 12000, 24000, 48000, 60000, 60000,
    ])
    expect(waitFor(0, 3000, 0)).toBe(1500)
    expect(waitFor(1, 0, 0)).toBe(250)
  })
})
