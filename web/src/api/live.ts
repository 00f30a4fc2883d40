/** What happens to one's accounts and payments and comes into the inbox, as it happens. After a break it goes on where it was;
 * while it is away, pages ask by themselves. */
import { useSyncExternalStore } from 'react'
import { listen } from './client'
import { EventReader, type Told, waitFor } from './events'
import { ASK_AGAIN_MS } from './queries'
import { session } from './session'

/** The bank says every 15 seconds that it is still there. */
const SILENCE_MS = 45_000
/** A stream that ended sooner is no success. */
const GOOD_MS = 10_000
/** So many in a row; then only when the network comes back, somebody looks at the page again, or logs in. */
const FAILURES_MAX = 8
const ASK_WHILE_LIVE_MS = 60_000

let isLive = false
const listeners = new Set<() => void>()
const setLive = (next: boolean) => {
  if (next === isLive) return
  isLive = next
  for (const listener of listeners) listener()
}

export const useIsLive = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isLive,
  )

/** How often a page that shows money asks by itself. */
export const useAskAgain = () => ({ refetchInterval: useIsLive() ? ASK_WHILE_LIVE_MS : ASK_AGAIN_MS })

/** Tells what happens until it is stopped. `anew`: something may have been missed, so load what is shown. */
export function follow(told: (event: Told) => void, anew: () => void): () => void {
  const stop = new AbortController()
  void run(told, anew, stop.signal)
  return () => stop.abort()
}

async function run(told: (event: Told) => void, anew: () => void, signal: AbortSignal) {
  const reader = new EventReader()
  let failures = 0
  while (!signal.aborted) {
    const begun = Date.now()
    const isRefused = await once(reader, told, anew, signal).catch(() => false)
    setLive(false)
    if (signal.aborted) return
    failures = Date.now() - begun > GOOD_MS ? 0 : failures + 1
    if (!isRefused && failures < FAILURES_MAX) await woken(signal, waitFor(failures, reader.retryMs))
    else {
      await woken(signal)
      failures = 0
    }
  }
}

/** One connection. True: the bank does not let us listen, and only another login changes that. */
async function once(
  reader: EventReader,
  told: (event: Told) => void,
  anew: () => void,
  signal: AbortSignal,
): Promise<boolean> {
  const ending = new AbortController()
  const end = () => ending.abort()
  signal.addEventListener('abort', end)
  addEventListener('offline', end)
  let silence = setTimeout(end, SILENCE_MS)
  try {
    const isFirst = reader.last === undefined
    const response = await listen('/api/stream', reader.last, ending.signal)
    if (!response.ok || !response.body) return response.status === 401 || response.status === 403
    setLive(true)
    if (isFirst) anew()
    const stream = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await stream.read()
      if (done) return false
      clearTimeout(silence)
      silence = setTimeout(end, SILENCE_MS)
      for (const event of reader.read(value)) {
        if (event.type === 'reset') anew()
        else told(event)
      }
    }
  } finally {
    ending.abort()
    clearTimeout(silence)
    signal.removeEventListener('abort', end)
    removeEventListener('offline', end)
  }
}

/** After a time, or as soon as there is reason to hope: the network, a login, somebody who looks. Without a time, then only. */
function woken(signal: AbortSignal, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = ms === undefined ? undefined : setTimeout(wake, ms)
    function wake() {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      removeEventListener('online', wake)
      forget()
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    const look = () => document.visibilityState === 'visible' && wake()
    const forget = session.onChange(wake)
    signal.addEventListener('abort', wake)
    addEventListener('online', wake)
    if (ms === undefined) document.addEventListener('visibilitychange', look)
  })
}
