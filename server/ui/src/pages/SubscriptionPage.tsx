import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { Progress } from '../api/replay'
import { ApiError } from '../api/request'
import { maxHeld, subscriptionQuery, type Subscription } from '../api/subscription'
import { shortName } from '../name'
import { useChanges } from '../live/Live'
import { touches } from '../live/batch'
import { Code } from '../parts/Code'
import { Deliveries } from '../parts/Deliveries'
import { DialectTitle } from '../parts/Dialects'
import { Endpoint } from '../parts/Endpoint'
import { Facts } from '../parts/Facts'
import { Moment } from '../parts/Moment'
import { Outcome } from '../parts/Outcome'
import { OwnerName } from '../parts/OwnerName'
import { Page, Section } from '../parts/Page'
import { StandingReason, StandingStatus } from '../parts/StandingView'
import { ReplayHeld, SubscriptionActs } from '../parts/SubscriptionActs'
import { useTitle } from './title'

/** One subscription: whether it gets its events, why not, and what was delivered. */
export function SubscriptionPage() {
  const { id } = useParams({ from: '/inside/subscriptions/$id' })
  const query = useQuery(subscriptionQuery(id))
  useChanges((batch) => {
    // A delivery that is held, or replayed, changes nothing in the subscription but how many there are.
    if (touches(batch, ({ kind, id: changed }) => kind === 'job' || (kind === 'subscription' && changed === id))) {
      void query.refetch()
    }
  })
  useTitle(query.data && shortName(query.data.name), 'Subscription')
  if (query.error instanceof ApiError && query.error.status === 404) {
    return <Gone id={id} known={query.data} />
  }
  return (
    <Page query={query} what="The subscription">
      {(subscription) => <SubscriptionView subscription={subscription} />}
    </Page>
  )
}

const Trail = () => (
  <p className="trail">
    <Link to="/subscriptions">Subscriptions</Link>
  </p>
)

function SubscriptionView({ subscription }: { subscription: Subscription }) {
  const { id, name } = subscription
  const [outcome, setOutcome] = useState<Progress>()
  return (
    <article>
      <Trail />
      <div className="head">
        <h1 title={name}>{shortName(name)}</h1>
        <StandingStatus of={subscription} />
        <SubscriptionActs subscription={subscription} done={setOutcome} />
      </div>
      <div className="sentence">
        <StandingReason of={subscription} />
      </div>
      <Outcome of={outcome} close={() => setOutcome(undefined)} />
      <Held subscription={subscription} done={setOutcome} />
      <Facts
        of={[
          ['Event', <strong key="event">{subscription.event}</strong>],
          ['Endpoint', <Endpoint key="endpoint" url={subscription.url} />],
          ['Owner', <OwnerName key="owner" of={subscription.owner} />],
          ['Dialect', <DialectTitle key="dialect" name={subscription.dialect} />],
          ['Delivered', String(subscription.triggered)],
          ['Last delivery', subscription.triggeredAt ? <Moment at={subscription.triggeredAt} /> : 'never'],
        ]}
      />
      <Deliveries subscription={id} />
      <Settings of={subscription} />
    </article>
  )
}

/** What waits for somebody to replay it. */
function Held({ subscription, done }: { subscription: Subscription; done: (progress: Progress) => void }) {
  const { held = 0, status } = subscription
  if (held === 0) {
    return null
  }
  const count =
    held === maxHeld ? `${maxHeld} deliveries or more are` : held === 1 ? '1 delivery is' : `${held} deliveries are`
  return (
    <aside className="remark" aria-label="Held deliveries">
      <p>
        <strong>{count} held.</strong>{' '}
        {status === 'active'
          ? 'They were kept while it was disabled, and are sent when they are replayed.'
          : 'Enable the subscription, then replay them.'}{' '}
        <Link to="/jobs" search={{ subscription: subscription.id, status: 'Held' }}>
          Look at them
        </Link>
      </p>
      {status === 'active' && <ReplayHeld subscription={subscription} done={done} />}
    </aside>
  )
}

function Settings({ of }: { of: Subscription }) {
  return (
    <Section title="Settings">
      <Facts
        of={[
          ['Id that the application knows', <code key="external">{of.externalId}</code>],
          ['Order', of.ordered ? 'one after the other, in the order of events' : 'as they come'],
          ['Most at a time', of.concurrency],
          ['Most a second', of.rate],
          ['Content type', of.contentType && <code>{of.contentType}</code>],
          ['Signed', signed(of.secrets)],
          ['Expires', of.expiresAt && <Moment at={of.expiresAt} />],
          ['Made', <Moment key="made" at={of.createdAt} />],
          ['Changed', of.updatedAt !== of.createdAt && <Moment at={of.updatedAt} />],
          ['Id', of.id !== of.externalId && <code>{of.id}</code>],
        ]}
      />
      {of.filter ? (
        <Code text={of.filter} label="Filter: only events for which this is true" />
      ) : (
        <p className="quiet">No filter: it gets every event of its kind.</p>
      )}
    </Section>
  )
}

function signed(secrets: number): string {
  switch (secrets) {
    case 0:
      return 'no'
    case 1:
      return 'by one secret'
    default:
      return `by ${secrets} secrets, while one is rotated`
  }
}

/** What is left of a subscription that somebody deleted, or its endpoint: its deliveries. */
function Gone({ id, known }: { id: string; known: Subscription | undefined }) {
  useTitle('Subscription')
  return (
    <>
      <Trail />
      <div className="empty">
        <h2>{known ? `${shortName(known.name)} was deleted` : 'There is no such subscription'}</h2>
        <p>
          Its owner may have deleted it, or an operator, or its endpoint: in most dialects an answer of 410 Gone does.
          The audit says who. Nothing can be sent to it any more; the application has to subscribe again.
        </p>
      </div>
      <Deliveries subscription={id} />
    </>
  )
}
