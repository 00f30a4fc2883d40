/** Reads an event stream as HTML describes it. `EventSource` cannot send the access token, so the stream comes from `fetch`. */
export interface Told {
  type: string
  data: string
}

/** An event of the bank is a fraction of it. What is longer is none. */
const LENGTH_MAX = 256 * 1024

export class EventReader {
  /** The position up to which everything was told. */
  last: string | undefined
  /** How long the bank wants us to wait before we come again. */
  retryMs: number | undefined
  #rest = ''
  #type = ''
  #data: string[] = []
  #length = 0

  constructor(last?: string) {
    this.last = last
  }

  /** What is complete with this piece of the stream. */
  read(piece: string): Told[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    const told: Told[] = []
    for (const line of lines) {
      this.#length += line.length
      if (line === '') this.#end(told)
      else this.#field(line)
    }
    if (this.#length + this.#rest.length > LENGTH_MAX) throw new RangeError('an event is too long')
    return told
  }

  #end(told: Told[]) {
    if (this.#data.length > 0) told.push({ type: this.#type || 'message', data: this.#data.join('\n') })
    this.#type = ''
    this.#data = []
    this.#length = 0
  }

  #field(line: string) {
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (name === 'event') this.#type = value
    else if (name === 'data') this.#data.push(value)
    else if (name === 'id' && !value.includes('\0')) this.last = value
    else if (name === 'retry' && /^\d{1,6}$/.test(value)) this.retryMs = Number(value)
  }
}

const WAIT_MS = 3_000
const WAIT_MAX_MS = 60_000

/** After so many failures in a row: twice as long each time, and not all browsers at the same moment. */
export function waitFor(failures: number, retryMs = WAIT_MS, random = Math.random()): number {
  const longest = Math.min(Math.max(retryMs, 500) * 2 ** Math.max(0, failures - 1), WAIT_MAX_MS)
  return Math.round(longest * (0.5 + random / 2))
}
