/** Where the steps of a balance stand in a picture. Numbers only for pixels: amounts stay text. */
export interface Point {
  x: number
  y: number
}

export interface Box {
  width: number
  height: number
}

const ROOM = 8

/** From the left to the right, each as wide as the others; zero is always in the picture. */
export function pointsOf(values: readonly number[], { width, height }: Box): Point[] {
  const { low, high } = boundsOf(values)
  const step = width / Math.max(values.length, 1)
  return values.map((value, place) => ({
    x: step * place,
    y: ROOM + ((high - value) / (high - low)) * (height - 2 * ROOM),
  }))
}

export function boundsOf(values: readonly number[]): { low: number; high: number } {
  const low = Math.min(0, ...values)
  const high = Math.max(0, ...values)
  return high === low ? { low, high: low + 1 } : { low, high }
}

/** A balance stays as it is until the next day. */
export function stepsOf(points: readonly Point[], width: number): string {
  const [first, ...rest] = points
  if (!first) return ''
  return `M${at(first)}${rest.map(({ x, y }) => `H${round(x)}V${round(y)}`).join('')}H${round(width)}`
}

const round = (value: number) => Math.round(value * 10) / 10
const at = ({ x, y }: Point) => `${round(x)} ${round(y)}`
