/** Who is logged in. Tokens live in the memory of this page and nowhere else: a reload asks for a login again. */
import { useSyncExternalStore } from 'react'
import type { components } from './schema'

export type User = components['schemas']['User']
type Tokens = components['schemas']['Session']

interface Held {
  accessToken: string
  refreshToken: string
  user: User
}

let held: Held | undefined
let replacing: Promise<unknown> = Promise.resolve()
const listeners = new Set<() => void>()
const tell = () => {
  for (const listener of listeners) listener()
}

/** That somebody was logged in here, and nothing of whom: a reload can say why it asks again. */
const WAS = 'florin.was-logged-in'

export const session = {
  user: () => held?.user,
  accessToken: () => held?.accessToken,
  refreshToken: () => held?.refreshToken,
  /** Calls whenever somebody logs in or out, or has new tokens; until what it gives is called. */
  onChange(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  wasLoggedIn: () => sessionStorage.getItem(WAS) !== null,
  begin(tokens: Tokens) {
    held = { accessToken: tokens.accessToken, refreshToken: tokens.refreshToken, user: tokens.user }
    sessionStorage.setItem(WAS, '1')
    tell()
  },
  /** What ends this session and brings the next one, as a first second factor does. The answer is kept before anybody hears it. */
  replace<T extends { session?: Tokens | null }>(asking: Promise<T>): Promise<T> {
    const asked = asking.then((answer) => {
      if (answer.session) session.begin(answer.session)
      return answer
    })
    replacing = asked.catch(() => undefined)
    return asked
  },
  /** Waits until the session that is on its way is there. */
  replaced: () => replacing,
  renew(accessToken: string) {
    if (held) held = { ...held, accessToken }
  },
  update(user: User) {
    if (held) held = { ...held, user }
    tell()
  },
  end() {
    held = undefined
    sessionStorage.clear()
    tell()
  },
}

export const useUser = () => useSyncExternalStore(session.onChange, () => held?.user)
