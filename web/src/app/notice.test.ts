import { describe, expect, it } from 'vitest'
import kinds from '../../../api/events.json'
import { en } from '../i18n/inbox/en'
import { inWords, type Notice, placeOf } from './notice'

const notice = (type: string, data: Record<string, unknown>): Notice => ({
  id: 'ntc_01k6w3m8pq2v5x7z9b1d3f5h7k',
  eventId: 'evt_01k6w3m8pq2v5x7z9b1d3f5h7k',
  type,
  event: { data } as unknown as Notice['event'],
  happenedAt: '2026-11-27T05:22:31.584261Z',
  readAt: null,
})
const payment = { transactionId: 'txn_1', amount: '12.50', currency: 'USD' }
const bare = (text: string) => text.replace(/[\u2066-\u2069]/g, '')

describe('what somebody was told', () => {
  it('has the amount and leads to the payment', () => {
    const received = notice('payments.transaction_settled', payment)
    expect(bare(inWords(received, en, 'en-US'))).toBe('You received $12.50')
    expect(placeOf(received)).toEqual({ to: '/app/transactions/$id', params: { id: 'txn_1' } })
  })

  it('says of a refund what was given back', () => {
    const refund = notice('payments.transaction_refunded', { ...payment, refundedAmount: '2.00' })
    expect(bare(inWords(refund, en, 'en-US'))).toBe('A payment of $2.00 was given back')
  })

  it('has words for what it does not know, and leads nowhere then', () => {
    for (const strange of [notice('rails.something', {}), notice('payments.transaction_settled', {})])
      expect(inWords(strange, en, 'en-US')).toBe(en.other)
    expect(placeOf(notice('payments.transaction_settled', {}))).toBeUndefined()
  })

  it('knows only kinds that the bank has', () => {
    const all = new Set(kinds.map(({ type }) => type))
    const told = [...Object.keys(en.kind), ...Object.keys(en.payment)]
    expect(told.filter((kind) => !all.has(kind))).toEqual([])
    expect(told.length).toBe(34)
  })
})
