/** What a request has to wait for: a login, or a fresh proof of who one is. A dialog over the page answers it. */
import { useSyncExternalStore } from 'react'

export interface Interruption {
  kind: 'login' | 'stepUp'
  reason: string | undefined
  /** Whether the request may go on. */
  answer: (goesOn: boolean) => void
}

let current: Interruption | undefined
let waiting: Promise<boolean> | undefined
const listeners = new Set<() => void>()
const set = (next: Interruption | undefined) => {
  current = next
  for (const listener of listeners) listener()
}

/** Asks once, however many requests wait for it. */
export function interrupt(kind: Interruption['kind'], reason?: string): Promise<boolean> {
  if (waiting) return current?.kind === kind ? waiting : waiting.then((goesOn) => goesOn && interrupt(kind, reason))
  waiting = new Promise<boolean>((resolve) => {
    set({
      kind,
      reason,
      answer: (goesOn) => {
        waiting = undefined
        set(undefined)
        resolve(goesOn)
      },
    })
  })
  return waiting
}

export const useInterruption = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
