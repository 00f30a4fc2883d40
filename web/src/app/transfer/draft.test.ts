import { beforeEach, expect, test, vi } from 'vitest'
import { Problem } from '../../api/problem'
import { checked, edited, emptyDraft, fateOf, forget, keep, kept, newKey, waitAfter } from './draft'

const storage = new Map<string, string>()
beforeEach(() => storage.clear())
vi.stubGlobal('sessionStorage', {
  getItem: (name: string) => storage.get(name) ?? null,
  setItem: (name: string, value: string) => storage.set(name, value),
  removeItem: (name: string) => storage.delete(name),
})

const draft = {
  ...emptyDraft('usr_1'),
  from: 'acct_1',
  to: 'acct_2',
  typed: '96',
  amount: '96.00',
  currency: 'USD',
}
const told = {
  recipient: 'b•••',
  match: 'CLOSE',
  fee: '0.00',
  left: '4.00',
  proof: 'AMOUNT',
  isNewPayee: 'yes',
} as const
const problem = (code: Problem['code'], status: number, retryAfter?: number) =>
  new Problem(code, status, {}, undefined, retryAfter)

test('a draft and its key outlive the page', () => {
  const sending = { ...checked(draft, 'web-1', told), step: 'sending' as const }
  keep(sending)
  expect(kept('usr_1')).toEqual(sending)
})

test('a draft is nobody else’s', () => {
  keep(draft)
  expect(kept('usr_2')).toEqual(emptyDraft('usr_2'))
})

test('what is kept no more, or is no draft, is an empty one', () => {
  keep(draft)
  forget()
  expect(kept('usr_1')).toEqual(emptyDraft('usr_1'))
  for (const text of ['{', '7', '{"owner":"usr_1"}', JSON.stringify({ ...draft, step: 'sending', key: '' })]) {
    storage.set('florin.transfer', text)
    expect(kept('usr_1')).toEqual(emptyDraft('usr_1'))
  }
})

test('a change makes another request of it', () => {
  expect(edited(checked(draft, 'web-1', told), { typed: '97' })).toMatchObject({
    step: 'edit',
    key: '',
    typed: '97',
    recipient: '',
    proof: '',
  })
  expect(newKey()).not.toBe(newKey())
})

test.each([
  ['NETWORK', 0],
  ['IDEMPOTENCY_KEY_IN_PROGRESS', 409],
  ['RATE_LIMITED', 429],
  ['SERVICE_UNAVAILABLE', 503],
  ['INTERNAL', 500],
] as const)('after %s nobody knows what became of it', (code, status) => {
  expect(fateOf(problem(code, status, 7))).toEqual({ kind: 'unsure', seconds: 7 })
})

test('a program error here decides nothing about the money', () => {
  expect(fateOf(new TypeError('x')).kind).toBe('unsure')
})

test('a refusal is final, a missing proof is not, and a key used otherwise is said', () => {
  expect(fateOf(problem('INSUFFICIENT_FUNDS', 422)).kind).toBe('refused')
  expect(fateOf(problem('STEP_UP_REQUIRED', 401)).kind).toBe('unproved')
  expect(fateOf(problem('IDEMPOTENCY_KEY_REUSED', 422)).kind).toBe('reused')
})

test('asking again waits as long as the bank says, ever longer, and ends', () => {
  expect(waitAfter(1, undefined)).toBe(2)
  expect(waitAfter(1, 42)).toBe(42)
  expect(waitAfter(1, 9_000)).toBe(300)
  expect(waitAfter(11, undefined)).toBeUndefined()
})
