import { Link } from '@tanstack/react-router'
import { useTitle } from './title'

/** For an address that is none of ours. */
export function NotFoundPage() {
  useTitle('Not found')
  return (
    <main className="plain">
      <div className="failure">
        <h1>There is no page at this address</h1>
        <p>
          <code>{location.pathname}</code> may have been mistyped, or the link that led here is old.
        </p>
        <p>
          <Link to="/events">Events</Link> · <Link to="/jobs">Webhook jobs</Link> ·{' '}
          <Link to="/subscriptions">Subscriptions</Link> · <Link to="/runs">Runs</Link> ·{' '}
          <Link to="/errors">Errors</Link>
        </p>
      </div>
    </main>
  )
}
