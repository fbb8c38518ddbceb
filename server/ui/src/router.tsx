import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router'
import { sessionQuery } from './api/session'
import { readFilter, readSearch, writeSearch } from './list/filter'
import { ConsentPage } from './pages/ConsentPage'
import { ErrorsPage } from './pages/ErrorsPage'
import { EventPage } from './pages/EventPage'
import { EventsPage } from './pages/EventsPage'
import { Frame } from './pages/Frame'
import { JobPage } from './pages/JobPage'
import { JobsPage } from './pages/JobsPage'
import { NamedSubscriptionPage } from './pages/NamedSubscriptionPage'
import { NotFoundPage } from './pages/NotFoundPage'
import { RunPage } from './pages/RunPage'
import { RunsPage } from './pages/RunsPage'
import { SetUpPage } from './pages/SetUpPage'
import { SignInPage } from './pages/SignInPage'
import { SubscriptionPage } from './pages/SubscriptionPage'
import { SubscriptionsPage } from './pages/SubscriptionsPage'
import { Failure } from './parts/Failure'

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: ({ error, reset }) => (
    <main className="plain">
      <Failure error={error} what="The page" retry={reset} />
    </main>
  ),
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { then?: string } => (isLocal(search['then']) ? { then: search['then'] } : {}),
  component: SignInPage,
})

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: (search): { token?: string } => {
    const token = search['token']
    return typeof token === 'string' ? { token } : {}
  },
  component: SetUpPage,
})

/** Sends who is not signed in to do so, and then back here. */
async function signedIn({ context, location }: { context: { client: QueryClient }; location: { href: string } }) {
  if (!(await context.client.query({ ...sessionQuery, staleTime: 'static' }))) {
    throw redirect({ to: '/sign-in', search: { then: location.href }, replace: true })
  }
}

/** Where an application's authorization endpoint sends its user. */
const consent = createRoute({
  getParentRoute: () => root,
  path: '/consent',
  validateSearch: (search): Record<string, string> =>
    Object.fromEntries(Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
  beforeLoad: signedIn,
  component: ConsentPage,
})

/** All that needs somebody who is signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: signedIn,
  component: Frame,
})

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/jobs', replace: true })
  },
})

const jobs = createRoute({
  getParentRoute: () => inside,
  path: '/jobs',
  validateSearch: readFilter,
  component: JobsPage,
})
const job = createRoute({ getParentRoute: () => inside, path: '/jobs/$id', component: JobPage })
const subscriptions = createRoute({
  getParentRoute: () => inside,
  path: '/subscriptions',
  validateSearch: readFilter,
  component: SubscriptionsPage,
})
const subscription = createRoute({
  getParentRoute: () => inside,
  path: '/subscriptions/$id',
  component: SubscriptionPage,
})
const named = createRoute({
  getParentRoute: () => inside,
  path: '/subscriptions/$dialect/$externalId',
  component: NamedSubscriptionPage,
})
const runs = createRoute({
  getParentRoute: () => inside,
  path: '/runs',
  validateSearch: readFilter,
  component: RunsPage,
})
const run = createRoute({ getParentRoute: () => inside, path: '/runs/$number', component: RunPage })
const events = createRoute({
  getParentRoute: () => inside,
  path: '/events',
  validateSearch: readFilter,
  component: EventsPage,
})
const event = createRoute({ getParentRoute: () => inside, path: '/events/$id', component: EventPage })
const errors = createRoute({ getParentRoute: () => inside, path: '/errors', component: ErrorsPage })

/** An address that a link may send somebody to after signing in: one of ours. */
function isLocal(address: unknown): address is string {
  return typeof address === 'string' && address.startsWith('/') && !address.startsWith('//') && !address.includes('\\')
}

export function newRouter(client: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      signIn,
      setUp,
      consent,
      inside.addChildren([home, jobs, job, subscriptions, subscription, named, runs, run, events, event, errors]),
    ]),
    context: { client },
    defaultPreload: false,
    scrollRestoration: true,
    parseSearch: readSearch,
    stringifySearch: writeSearch,
  })
}

declare module '@tanstack/react-router' {
  // The router's own way of learning the addresses that there are.
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  interface Register {
    router: ReturnType<typeof newRouter>
  }
}
