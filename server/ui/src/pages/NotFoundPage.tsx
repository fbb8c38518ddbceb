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
          <Link to="/jobs">Webhook jobs</Link> · <Link to="/runs">Runs</Link>
        </p>
      </div>
    </main>
  )
}
