import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { get } from '../api/request'
import {
  listSubscriptions,
  maxHeld,
  subscriptionQuery,
  subscriptionStatuses,
  type Subscription,
} from '../api/subscription'
import { shortName } from '../name'
import { narrows, queryOf, type Filter } from '../list/filter'
import { useFilter } from '../list/useFilter'
import { useFollowed, type Source } from '../list/useFollowed'
import { useChanges } from '../live/Live'
import { Endpoint } from '../parts/Endpoint'
import { DialectFilter, FailingFilter, Filters, OrderFilter, StatusFilter, TextFilter } from '../parts/Filters'
import { FirstSubscription } from '../parts/FirstSubscription'
import { List } from '../parts/List'
import { Moment } from '../parts/Moment'
import { NothingFound } from '../parts/NothingFound'
import { OwnerName } from '../parts/OwnerName'
import { StandingReason, StandingStatus } from '../parts/StandingView'
import { useTitle } from './title'

/** Who outside gets which events, those in trouble first. */
export function SubscriptionsPage() {
  useTitle('Subscriptions')
  const { filter, set, clear } = useFilter('/subscriptions')
  const source = subscriptionsBy(filter)
  const list = useFollowed(source)
  useDeletions(source.key)
  return (
    <>
      <h1>Subscriptions</h1>
      <Filters filter={filter} clear={clear}>
        <StatusFilter all={subscriptionStatuses} chosen={filter.status} set={set}>
          <FailingFilter chosen={filter.failing} set={set} />
        </StatusFilter>
        <TextFilter name="q" label="Search" hint="host, address, keap/12…" value={filter.q} set={set} />
        <DialectFilter chosen={filter.dialect} set={set} />
        <TextFilter name="event" label="Event" hint="contact.add" value={filter.event} set={set} />
        <TextFilter name="owner" label="Owner" hint="name or id" value={filter.owner} set={set} />
        <OrderFilter chosen={filter.order} set={set} />
      </Filters>
      <List
        what="subscriptions"
        list={list}
        columns={['Status', 'Subscription', 'Endpoint', 'Owner', 'Delivered', 'Held']}
        row={(subscription) => <SubscriptionRow key={subscription.id} subscription={subscription} />}
        empty={narrows(filter) ? <NothingFound what="subscription" clear={clear} /> : <FirstSubscription />}
      />
    </>
  )
}

/** Followed lists keep their rows; those of subscriptions that are gone would lead nowhere. */
function useDeletions(queryKey: readonly unknown[]) {
  const client = useQueryClient()
  useChanges(({ changes }) => {
    if ([...changes.values()].some(({ kind, status }) => kind === 'subscription' && status === 'deleted')) {
      void client.invalidateQueries({ queryKey })
    }
  })
}

function SubscriptionRow({ subscription }: { subscription: Subscription }) {
  const { id, name, event, url, owner, triggered, triggeredAt } = subscription
  return (
    <tr>
      <td data-cell="status">
        <StandingStatus of={subscription} />
      </td>
      <td data-cell="main">
        <Link to="/subscriptions/$id" params={{ id }} className="row">
          <span className="path-end">{event}</span>{' '}
          <span className="quiet name" title={name}>
            {shortName(name)}
          </span>
        </Link>
      </td>
      <td data-cell="more">
        <Endpoint url={url} />
        <div className="trouble">
          <StandingReason of={subscription} brief />
        </div>
      </td>
      <td data-cell="owner">
        <OwnerName of={owner} />
      </td>
      <td data-cell="count">
        {triggered}
        <span className="unit"> delivered</span>
        {triggeredAt && (
          <span className="quiet">
            {' '}
            · <Moment at={triggeredAt} as="relative" />
          </span>
        )}
      </td>
      <td data-cell="held">{subscription.status === 'disabled' && <HeldCount id={id} />}</td>
    </tr>
  )
}

/** How long a count of held deliveries is good for in a list; the page of the subscription counts anew. */
const counted = 15_000

/** Lists of the API don't count what is held. Disabled subscriptions are few, so each is asked for. */
function HeldCount({ id }: { id: string }) {
  const { data } = useQuery({ ...subscriptionQuery(id), staleTime: counted, refetchInterval: counted })
  if (data?.held === undefined) {
    return <span className="quiet">…</span>
  }
  return (
    <span className={data.held > 0 ? 'held' : 'quiet'}>
      {data.held === maxHeld ? `${maxHeld} or more` : data.held}
      <span className="unit"> held</span>
    </span>
  )
}

const subscriptionsBy = (filter: Filter): Source<Subscription> => ({
  key: ['subscriptions', filter],
  id: ({ id }) => id,
  list: (cursor, signal) => listSubscriptions({ order: 'trouble', ...queryOf(filter, Date.now()) }, cursor, signal),
  one: (id) => get<Subscription>(`/subscriptions/${encodeURIComponent(id)}`),
  // A delivery changes how its subscription fares, and the change names the job alone.
  changed: ({ changes }) =>
    [...changes.values()].flatMap(({ kind, id }) => (kind === 'subscription' || kind === 'job' ? [id] : [])),
})
