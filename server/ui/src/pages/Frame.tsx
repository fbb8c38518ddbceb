import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useRouter } from '@tanstack/react-router'
import { countsQuery } from '../api/counts'
import { sessionQuery, signOut } from '../api/session'
import { touches } from '../live/batch'
import { Live, useChanges } from '../live/Live'
import { Liveness } from '../parts/Liveness'

/** What stands around every page: where one is, what is wrong, who one is. */
export function Frame() {
  return (
    <Live>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <Header />
      <Troubles />
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
    </Live>
  )
}

function Header() {
  const { data: session } = useQuery(sessionQuery)
  return (
    <header className="frame">
      <Link to="/" className="space">
        {session?.space ?? 'hooktree'}
      </Link>
      <nav aria-label="Pages">
        <Link to="/events">Events</Link>
        <Link to="/jobs">
          <span className="long">Webhook jobs</span>
          <span className="short" aria-hidden="true">
            Jobs
          </span>
        </Link>
        <Link to="/subscriptions">Subscriptions</Link>
        <Link to="/runs">Runs</Link>
        <Link to="/errors">
          Errors <OpenErrors />
        </Link>
      </nav>
      <div className="account">
        <Liveness />
        {session && (
          <span className="who">
            {session.name} <span className="quiet">{session.role}</span>
          </span>
        )}
        <SignOut />
      </div>
    </header>
  )
}

/** Counting is dearer than looking, so it is done when something has changed, and no more than so often. */
const countingPause = 5000

function OpenErrors() {
  const client = useQueryClient()
  const { data } = useQuery({ ...countsQuery, staleTime: countingPause, refetchInterval: 60_000 })
  useChanges((batch) => {
    const age = Date.now() - (client.getQueryState(countsQuery.queryKey)?.dataUpdatedAt ?? 0)
    if (age > countingPause || touches(batch, (change) => change.kind === 'error')) {
      void client.refetchQueries({ queryKey: countsQuery.queryKey }, { cancelRefetch: false })
    }
  })
  if (!data || data.openErrors === 0) {
    return null
  }
  return (
    <span className="count">
      {data.openErrors}
      <span className="hidden"> open</span>
    </span>
  )
}

/** What keeps the server from its work, and what somebody should look at. */
function Troubles() {
  const { data } = useQuery(countsQuery)
  const told = [...(data?.troubles ?? []), ...(data?.warnings ?? [])]
  if (told.length === 0) {
    return null
  }
  return (
    <aside className="troubles" aria-label="Troubles of the server">
      <ul>
        {told.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </aside>
  )
}

function SignOut() {
  const client = useQueryClient()
  const router = useRouter()
  const leave = async () => {
    await signOut()
    client.clear()
    client.setQueryData(sessionQuery.queryKey, null)
    await router.navigate({ to: '/sign-in' })
  }
  return (
    <button type="button" className="small" onClick={() => void leave()}>
      Sign out
    </button>
  )
}
