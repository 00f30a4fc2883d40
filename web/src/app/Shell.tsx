/** What stands around every page of somebody who is logged in. */
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useSyncExternalStore } from 'react'
import { api, got } from '../api/client'
import { useInterruption } from '../api/interruption'
import { queries, unreadQuery } from '../api/queries'
import { session, useUser } from '../api/session'
import { useT } from '../i18n/inside'
import { Coin } from '../ui/Coin'
import { Icon, type IconName } from '../ui/Icon'
import { Avatar } from '../ui/parts'
import { useIsSandbox } from './config'
import { useLive } from './useLive'

/** Only in case the bank could not tell. */
const UNREAD_MS = 120_000

const Interruptions = lazy(() => import('./Interruptions'))

const places = [
  { to: '/app', icon: 'home', name: 'home', short: 'home' },
  { to: '/app/transfer', icon: 'transfer', name: 'transfer', short: 'pay' },
  { to: '/app/security', icon: 'shield', name: 'security', short: 'security' },
  { to: '/app/settings', icon: 'gear', name: 'settings', short: 'settings' },
] as const satisfies readonly { to: string; icon: IconName; name: string; short: string }[]

/** How many messages were not read: drawn as a number, said in words. */
function Unread() {
  const t = useT()
  const unread = useQuery({ ...unreadQuery, refetchInterval: UNREAD_MS }).data?.unread ?? 0
  if (unread === 0) return null
  return (
    <>
      <span className="count" aria-hidden="true">
        {unread > 99 ? '99+' : unread}
      </span>
      <span className="unseen"> {t.nav.unread(unread)}</span>
    </>
  )
}

const subscribe = (listener: () => void) => {
  addEventListener('online', listener)
  addEventListener('offline', listener)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('offline', listener)
  }
}
export const useIsOnline = () => useSyncExternalStore(subscribe, () => navigator.onLine)

function useLogout() {
  const navigate = useNavigate()
  return async () => {
    // Whatever the bank answers, nothing of it stays in this page.
    await got(api.DELETE('/api/auth/logout')).catch(() => undefined)
    await navigate({ to: '/app/login' })
    session.end()
    queries.clear()
  }
}

/** `t` begins a transfer, as long as nobody is typing. */
function useKeys() {
  const navigate = useNavigate()
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest('input, select, textarea, dialog')
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.key !== 't') return
      void navigate({ to: '/app/transfer' })
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [navigate])
}

export function Shell() {
  const t = useT()
  const user = useUser()
  const isSandbox = useIsSandbox()
  const isOnline = useIsOnline()
  const logout = useLogout()
  const interruption = useInterruption()
  const path = useRouterState({ select: (state) => state.location.pathname })
  useKeys()
  useLive(user?.id)
  return (
    <div className={path === '/app/transfer' ? 'shell shell-flow' : 'shell'}>
      <a className="skip" href="#content">
        {t.skip}
      </a>
      {!isOnline && (
        <div className="band band-offline" role="status">
          {t.problem.offline}
        </div>
      )}
      <header className="rail">
        <Link to="/app" className="brand">
          <Coin />
          Florin
        </Link>
        <nav aria-label={t.nav.main}>
          {places.map(({ to, icon, name }) => (
            <Link key={to} to={to} activeOptions={{ exact: to === '/app', includeSearch: false }}>
              <Icon name={icon} />
              {t.nav[name]}
            </Link>
          ))}
          <Link to="/app/inbox">
            <Icon name="bell" />
            {t.nav.inbox}
            <Unread />
          </Link>
        </nav>
        <div className="rail-foot">
          {user && (
            <div className="rail-who">
              <Avatar name={user.username} />
              <span>{user.username}</span>
            </div>
          )}
          <button type="button" onClick={logout}>
            <Icon name="logout" />
            {t.nav.logout}
          </button>
          {isSandbox && <p className="muted">{t.sandbox}</p>}
        </div>
      </header>
      <div>
        <header className="top">
          <Link to="/app" className="brand">
            <Coin />
            Florin
          </Link>
          <div className="top-acts">
            <Link to="/app/inbox" className="icon-button">
              <Icon name="bell" />
              <span className="unseen">{t.nav.inbox}</span>
              <Unread />
            </Link>
            <button type="button" className="icon-button" aria-label={t.nav.logout} onClick={logout}>
              <Icon name="logout" />
            </button>
          </div>
        </header>
        <main id="content" tabIndex={-1} className="page">
          <Suspense fallback={null}>
            <Outlet />
          </Suspense>
        </main>
        <nav className="tabs" aria-label={t.nav.main}>
          {places.map(({ to, icon, short }) => (
            <Link key={to} to={to} activeOptions={{ exact: to === '/app', includeSearch: false }}>
              <Icon name={icon} />
              {t.nav[short]}
            </Link>
          ))}
        </nav>
      </div>
      {interruption && (
        <Suspense fallback={null}>
          <Interruptions interruption={interruption} />
        </Suspense>
      )}
    </div>
  )
}
