import { expect, test } from 'vitest'
import { decimalsOf, fromMinor, grouped, isAccountNumber, moneyParts, moneyText, readAmount, totals } from './money'

const plain = (amount: string, currency: string, locale: string) =>
  moneyParts({ amount, currency }, locale)
    .map(({ text }) => text)
    .join('')

test('an amount larger than any number is shown to the last digit', () => {
  expect(plain('90071992547409931.27', 'USD', 'en-US')).toBe('$90,071,992,547,409,931.27')
})

test('decimals are those of the currency, also none and three', () => {
  expect(plain('1200', 'JPY', 'en-US')).toBe('¥1,200')
  expect(plain('1.250', 'KWD', 'en-US').replace(/\s/g, ' ')).toBe('KWD 1.250')
})

test('a minus is a minus sign, and no mark that turns the direction is left in Arabic', () => {
  const text = plain('-5.91', 'USD', 'ar-AE-u-nu-latn')
  expect(text).toContain('\u22125.91')
  expect(text).not.toMatch(/[\u200e\u200f\u061c]/)
})

test('inside a sentence an amount is isolated', () => {
  expect(moneyText({ amount: '96.00', currency: 'USD' }, 'en-US')).toBe('\u2066$96.00\u2069')
})

test('currencies are never added up', () => {
  const moneys = [
    { amount: '0.10', currency: 'USD' },
    { amount: '640.05', currency: 'EUR' },
    { amount: '0.20', currency: 'USD' },
    { amount: '-1.00', currency: 'USD' },
  ]
  expect(totals(moneys)).toEqual([
    { currency: 'USD', amount: '-0.70' },
    { currency: 'EUR', amount: '640.05' },
  ])
})

test('what remains is exact', () => {
  expect(fromMinor(-5n, 2)).toBe('-0.05')
})

test.each([
  ['25', 'en-US', 'USD', '25.00'],
  ['25.5', 'en-US', 'USD', '25.50'],
  ['1,250.00', 'en-US', 'USD', '1250.00'],
  ['25,00', 'en-US', 'USD', '25.00'],
  ['1.250,00', 'de-DE', 'EUR', '1250.00'],
  ['25.00', 'de-DE', 'EUR', '25.00'],
  ['1.250', 'de-DE', 'EUR', '1250.00'],
  ['٢٥٫٥٠', 'ar-AE-u-nu-latn', 'USD', '25.50'],
  ['1 000', 'en-US', 'JPY', '1000'],
  ['0012', 'en-US', 'USD', '12.00'],
  ['1.250', 'en-US', 'USD', 'decimals'],
  ['0.00', 'en-US', 'USD', 'none'],
  ['-5', 'en-US', 'USD', 'none'],
  ['1e3', 'en-US', 'USD', 'none'],
  ['12,34,56', 'en-US', 'USD', 'none'],
  ['', 'en-US', 'USD', 'none'],
])('%s, typed in %s for %s, is %s', (typed, locale, currency, read) => {
  expect(readAmount(typed, locale, currency)).toBe(read)
})

test('an account number with one wrong character is noticed', () => {
  expect(isAccountNumber('XF57 FLRN 5601 1891 3157 4063')).toBe(true)
  expect(isAccountNumber('xf57flrn5601189131574063')).toBe(true)
  expect(isAccountNumber('XF57 FLRN 5601 1891 3157 4064')).toBe(false)
  expect(isAccountNumber('XF57 FLRN 5601 1891 3175 4063')).toBe(false)
  expect(isAccountNumber('acct_01m8d3gs81ebwb976qavfsqs8m')).toBe(false)
})

test('an account number is shown in fours', () => {
  expect(grouped('XF57FLRN5601').replaceAll('\u00a0', ' ')).toBe('XF57 FLRN 5601')
  expect(decimalsOf('JPY')).toBe(0)
})
