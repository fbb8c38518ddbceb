import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { eventQuery, type Event } from '../api/event'
import { shortName, splitName } from '../name'
import { useChanges } from '../live/Live'
import { touches } from '../live/batch'
import { Value } from '../parts/Code'
import { useDialects } from '../parts/Dialects'
import { Facts } from '../parts/Facts'
import { RunLink } from '../parts/Message'
import { Moment } from '../parts/Moment'
import { Page, Section } from '../parts/Page'
import { TargetView } from '../parts/Tree'
import { Verdicts } from '../parts/Verdicts'
import { follows } from '../path'
import { useTitle } from './title'

/** One event: what became of each webhook, why, and what came in. */
export function EventPage() {
  const { id } = useParams({ from: '/inside/events/$id' })
  const query = useQuery(eventQuery(id))
  useChanges((batch) => {
    const ours = query.data?.jobs.map((job) => job.id) ?? []
    if (touches(batch, ({ kind, id: changed }) => (kind === 'event' && changed === id) || ours.includes(changed))) {
      void query.refetch()
    }
  })
  useTitle(query.data?.path, 'Event')
  return (
    <Page query={query} what="The event">
      {(event) => <EventView event={event} />}
    </Page>
  )
}

function EventView({ event }: { event: Event }) {
  return (
    <article>
      <p className="trail">
        <Link to="/events">Events</Link>
      </p>
      <div className="head">
        <h1>{event.path}</h1>
      </div>
      <Facts
        of={[
          ['Type', event.type],
          ['Action', event.action],
          ['Kapp', event.kapp],
          ['Form', event.form],
          ['Submission', event.submission],
          ['Happened', <Moment key="happened" at={event.occurredAt} />],
          ['Received', <Moment key="received" at={event.receivedAt} />],
          ['Sent by', event.sender],
          ["Sender's id", event.externalId],
          ['Caused by run', event.cause && <code>{event.cause.run}</code>],
          ['Id', <code key="id">{event.id}</code>],
        ]}
      />
      <Section title="Verdicts">
        <Verdicts event={event} />
      </Section>
      {event.jobs.length > 0 && <Jobs event={event} />}
      <Section title="What came in">
        {event.payload === undefined ? (
          <p className="quiet">The payload is no longer kept.</p>
        ) : (
          <Value of={event.payload} label="Payload" />
        )}
      </Section>
    </article>
  )
}

function Jobs({ event }: { event: Event }) {
  const dialects = useDialects()
  return (
    <Section title="Webhook jobs">
      <ul className="plainly">
        {event.jobs.map((job) => (
          <li key={job.id}>
            <Link to="/jobs/$id" params={{ id: job.id }}>
              <span title={job.webhook}>{splitName(job.webhook, dialects) ? shortName(job.webhook) : job.webhook}</span>
            </Link>{' '}
            {!follows(job.target.tree, job.webhook) && (
              <>
                → <TargetView target={job.target} />{' '}
              </>
            )}
            {job.run !== undefined && <RunLink number={job.run} />}
          </li>
        ))}
      </ul>
    </Section>
  )
}
