/** Every page and where it lives. Each is loaded when it is first gone to. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import type { Filters } from '../api/queries'
import { session } from '../api/session'
import { speakInside } from '../i18n'
import { Failed, Missing } from './failed'

const root = createRootRoute({ notFoundComponent: Missing, errorComponent: Failed })

/** Only to pages of ours: a path, never another site. */
const pathOf = (value: unknown) =>
  typeof value === 'string' && /^\/app(\/(?!\/)|$|\?)/.test(value) ? value : undefined

const front = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/app' })
  },
})

const outside = {
  validateSearch: (search: Record<string, unknown>): { next?: string | undefined } => ({ next: pathOf(search.next) }),
}

const login = createRoute({
  getParentRoute: () => root,
  path: '/app/login',
  ...outside,
  component: lazyRouteComponent(() => import('./pages/Login'), 'Login'),
})

const signUp = createRoute({
  getParentRoute: () => root,
  path: '/app/sign-up',
  component: lazyRouteComponent(() => import('./pages/SignUp'), 'SignUp'),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: ({ location }) => {
    if (!session.user()) throw redirect({ to: '/app/login', search: { next: pathOf(location.href) } })
  },
  component: lazyRouteComponent(async () => (await Promise.all([import('./Shell'), speakInside()]))[0], 'Shell'),
})

const home = createRoute({
  getParentRoute: () => shell,
  path: '/app',
  component: lazyRouteComponent(() => import('./pages/Home'), 'Home'),
})

const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined)
const day = (value: unknown) => (/^\d{4}-\d{2}-\d{2}$/.test(text(value) ?? '') ? text(value) : undefined)
const amount = (value: unknown) => (/^\d{1,15}(\.\d{1,4})?$/.test(text(value) ?? '') ? text(value) : undefined)
const word = (value: unknown) => (/^[A-Z_]{3,30}$/.test(text(value) ?? '') ? text(value) : undefined)

export const account = createRoute({
  getParentRoute: () => shell,
  path: '/app/accounts/$id',
  validateSearch: (search: Record<string, unknown>): Filters => ({
    type: word(search.type) as Filters['type'],
    status: word(search.status) as Filters['status'],
    from: day(search.from),
    to: day(search.to),
    minAmount: amount(search.minAmount),
    maxAmount: amount(search.maxAmount),
  }),
  component: lazyRouteComponent(() => import('./pages/Account'), 'AccountPage'),
})

export const transaction = createRoute({
  getParentRoute: () => shell,
  path: '/app/transactions/$id',
  component: lazyRouteComponent(() => import('./pages/Transaction'), 'TransactionPage'),
})

const transfer = createRoute({
  getParentRoute: () => shell,
  path: '/app/transfer',
  validateSearch: (search: Record<string, unknown>): { done?: string | undefined } => ({ done: text(search.done) }),
  component: lazyRouteComponent(() => import('./pages/Transfer'), 'Transfer'),
})

const security = createRoute({
  getParentRoute: () => shell,
  path: '/app/security',
  component: lazyRouteComponent(() => import('./pages/Security'), 'Security'),
})

const programs = createRoute({
  getParentRoute: () => shell,
  path: '/app/programs',
  component: lazyRouteComponent(() => import('./pages/Programs'), 'Programs'),
})

const activity = createRoute({
  getParentRoute: () => shell,
  path: '/app/activity',
  component: lazyRouteComponent(() => import('./pages/Activity'), 'ActivityPage'),
})

const inbox = createRoute({
  getParentRoute: () => shell,
  path: '/app/inbox',
  component: lazyRouteComponent(() => import('./pages/Inbox'), 'Inbox'),
})

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/app/settings',
  component: lazyRouteComponent(() => import('./pages/Settings'), 'Settings'),
})

const tree = root.addChildren([
  front,
  login,
  signUp,
  shell.addChildren([home, account, transaction, transfer, security, programs, activity, inbox, settings]),
])

export const router = createRouter({ routeTree: tree, scrollRestoration: true, defaultPreload: 'intent' })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
