/** Money as text: amounts stay strings and whole minor units, never numbers. */

export interface Amount {
  amount: string
  currency: string
}

const MARKS = /[\u200e\u200f\u061c]/g
const decimalsIn = (amount: string) => amount.split('.')[1]?.length ?? 0

export function decimalsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

export interface Part {
  kind: 'small' | 'large'
  text: string
}

/** The parts of an amount: what is large in displays, and what is small. `sign`: a plus is shown too. */
export function moneyParts({ amount, currency }: Amount, locale: string, sign = false): Part[] {
  const decimals = decimalsIn(amount)
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'symbol',
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: sign ? 'exceptZero' : 'negative',
  })
  const parts = format.formatToParts(amount as Intl.StringNumericLiteral)
  return parts
    .map(({ type, value }): Part => {
      const text = value.replace(MARKS, '').replace('-', '\u2212')
      const isLarge = type === 'integer' || type === 'group' || type === 'minusSign' || type === 'plusSign'
      return { kind: isLarge ? 'large' : 'small', text }
    })
    .filter(({ text }) => text !== '')
}

/** As one word inside a sentence, isolated so that it is read from left to right everywhere. */
export const moneyText = (money: Amount, locale: string) =>
  `\u2066${moneyParts(money, locale)
    .map(({ text }) => text)
    .join('')}\u2069`

export function minorUnits(amount: string): bigint {
  const isNegative = amount.startsWith('-')
  const units = BigInt(amount.replace(/[-.]/g, ''))
  return isNegative ? -units : units
}

export function fromMinor(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const rest = decimals > 0 ? `.${digits.slice(-decimals)}` : ''
  return `${units < 0n ? '-' : ''}${whole}${rest}`
}

/** One total for each currency, in the order in which they first come. */
export function totals(moneys: readonly Amount[]): Amount[] {
  const sums = new Map<string, { units: bigint; decimals: number }>()
  for (const { amount, currency } of moneys) {
    const decimals = decimalsIn(amount)
    const sum = sums.get(currency) ?? { units: 0n, decimals }
    sums.set(currency, { units: sum.units + minorUnits(amount), decimals })
  }
  return [...sums].map(([currency, { units, decimals }]) => ({ currency, amount: fromMinor(units, decimals) }))
}

/** What somebody typed as an amount of this currency, with all its decimals; or why it is none. */
export function readAmount(typed: string, locale: string, currency: string): string | 'none' | 'decimals' {
  const text = typed
    .trim()
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[\s\u00a0\u202f'’]/g, '')
  const parts = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(12345.6)
  const group = parts.find(({ type }) => type === 'group')?.value ?? ','
  const point = parts.find(({ type }) => type === 'decimal')?.value ?? '.'
  const plain = inLatin(text, group, point)
  if (plain === undefined || !/[1-9]/.test(plain)) return 'none'
  const decimals = decimalsOf(currency)
  const [whole = '', rest = ''] = plain.split('.')
  if (rest.length > decimals) return 'decimals'
  const digits = whole.replace(/^0+(?=\d)/, '')
  if (digits.length > 15) return 'none'
  return decimals === 0 ? digits : `${digits}.${rest.padEnd(decimals, '0')}`
}

/** Groups count only as groups of three; any other single comma or point is the decimal one. */
function inLatin(text: string, group: string, point: string): string | undefined {
  const isGrouped = new RegExp(`^\\d{1,3}(\\${group}\\d{3})+(\\${point}\\d*)?$`)
  if (isGrouped.test(text)) return text.replaceAll(group, '').replace(point, '.')
  return /^\d+([.,٫]\d*)?$/.test(text) ? text.replace(/[,٫]/, '.').replace(/\.$/, '') : undefined
}

/** An account number in groups of four, with spaces that do not break. */
export const grouped = (number: string) => number.replace(/(.{4})(?=.)/g, '$1\u00a0')
export const lastFour = (number: string) => `\u2022\u2022 ${number.slice(-4)}`

/** Whether the check digits of an account number are right (ISO 13616, as in an IBAN). */
export function isAccountNumber(typed: string): boolean {
  const number = bare(typed)
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(number)) return false
  const turned = number.slice(4) + number.slice(0, 4)
  const digits = turned.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))
  return BigInt(digits) % 97n === 1n
}

export const bare = (typed: string) => typed.replace(/[\s\u00a0-]/g, '').toUpperCase()
