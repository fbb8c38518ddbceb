import { useQuery } from '@tanstack/react-query'
import { Link, Navigate, useParams } from '@tanstack/react-router'
import { listSubscriptions } from '../api/subscription'
import { Page } from '../parts/Page'
import { useTitle } from './title'

/** The address of a subscription by its name, as verdicts know it; it leads on to its page. */
export function NamedSubscriptionPage() {
  const { dialect, externalId } = useParams({ from: '/inside/subscriptions/$dialect/$externalId' })
  const name = `${dialect}/${externalId}`
  useTitle(name, 'Subscription')
  const query = useQuery({
    queryKey: ['subscriptions', 'named', name],
    queryFn: async ({ signal }) => {
      const { rows } = await listSubscriptions({ dialect, q: name }, undefined, signal)
      return rows.find((each) => each.name === name)?.id ?? null
    },
  })
  return (
    <Page query={query} what={`The subscription ${name}`}>
      {(id) =>
        id === null ? (
          <div className="empty">
            <h1>{name} is gone</h1>
            <p>
              Its owner may have deleted it, or an operator, or its endpoint: in most dialects an answer of 410 Gone
              does.
            </p>
            <p>
              <Link to="/jobs" search={{ webhook: name }}>
                Its deliveries
              </Link>
            </p>
          </div>
        ) : (
          <Navigate to="/subscriptions/$id" params={{ id }} replace />
        )
      }
    </Page>
  )
}
