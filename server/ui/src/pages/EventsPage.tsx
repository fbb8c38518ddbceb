import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { platformsQuery } from '../api/catalogue'
import { listEvents, type Event } from '../api/event'
import { get } from '../api/request'
import { narrows, queryOf, type Filter } from '../list/filter'
import { useFilter } from '../list/useFilter'
import { useFollowed, type Source } from '../list/useFollowed'
import { FiredFilter, Filters, OutcomeFilter, TextFilter, TimeFilter } from '../parts/Filters'
import { FirstEvent } from '../parts/FirstEvent'
import { List } from '../parts/List'
import { RunLink } from '../parts/Message'
import { Moment, Sentence } from '../parts/Moment'
import { NothingFound } from '../parts/NothingFound'
import { Status } from '../parts/Status'
import { Path } from '../parts/Tree'
import { resultOf, setOff, tellingOf } from '../outcome'
import { useTitle } from './title'

/** Everything that came in, the newest first, and what came of it: also where that is nothing. */
export function EventsPage() {
  useTitle('Events')
  const { filter, set, clear } = useFilter('/events')
  const list = useFollowed(eventsBy(filter))
  const platforms = useQuery(platformsQuery).data ?? []
  return (
    <>
      <h1>Events</h1>
      <Filters filter={filter} clear={clear}>
        <FiredFilter chosen={filter.fired} set={set} />
        <TextFilter name="q" label="Search" hint="path, payload…" value={filter.q} set={set} />
        <OutcomeFilter chosen={filter.outcome} set={set} />
        <TextFilter name="platform" label="Platform" hint="keap" known={platforms} value={filter.platform} set={set} />
        <TextFilter name="source" label="Source" hint="its name" value={filter.source} set={set} />
        <TimeFilter filter={filter} set={set} />
      </Filters>
      <List
        what="events"
        list={list}
        columns={['Time', 'What came of it', 'Event', 'Why', 'From']}
        row={(event) => <EventRow key={event.id} event={event} />}
        empty={narrows(filter) ? <NothingFound what="event" clear={clear} /> : <FirstEvent of="events" />}
      />
    </>
  )
}

function EventRow({ event }: { event: Event }) {
  const { fate, says, besides } = resultOf(event)
  return (
    <tr>
      <td data-cell="time">
        <Moment at={event.receivedAt} as="brief" />
      </td>
      <td data-cell="status">
        <Status of={fate === 'held' ? 'Held' : fate} says={says} />
      </td>
      <td data-cell="main">
        <Link to="/events/$id" params={{ id: event.id }} className="row">
          <Path path={event.path} />
        </Link>{' '}
        {event.submission && (
          <span className="quiet entity" title={event.submission}>
            {event.submission}
          </span>
        )}
      </td>
      <td data-cell="text">
        <div className="lines">
          <Why event={event} />
          {besides !== '' && <span className="quiet"> · {besides}</span>}
        </div>
      </td>
      <td data-cell="owner">
        <Sender of={event} />
      </td>
    </tr>
  )
}

/** As many runs as a row names; the event's page has them all. */
const maxRuns = 3

/** What an event set off, or why it set off nothing. */
function Why({ event }: { event: Event }) {
  const telling = tellingOf(event)
  if (telling === undefined) {
    return 'No webhook is for events like this one.'
  }
  if (telling.outcome !== 'fired') {
    return <Sentence text={telling.reason} />
  }
  const { runs, deliveries } = setOff(event)
  return (
    <>
      {runs.length > 0 && (runs.length === 1 ? 'Run ' : 'Runs ')}
      {runs.slice(0, maxRuns).map((run, index) => (
        <span key={run}>
          {index > 0 && ', '}
          <RunLink number={run} />
        </span>
      ))}
      {runs.length > maxRuns && ` and ${runs.length - maxRuns} more`}
      {runs.length > 0 && deliveries > 0 && '; '}
      {deliveries > 0 && (deliveries === 1 ? '1 delivery' : `${deliveries} deliveries`)}
    </>
  )
}

/** By which way an event came in. */
function Sender({ of: { sender = '', platform } }: { of: Event }) {
  const source = sender.startsWith('source:') ? sender.slice('source:'.length) : undefined
  return (
    <>
      {platform}
      {source !== undefined && <span className="quiet"> by {source}</span>}
    </>
  )
}

const eventsBy = (filter: Filter): Source<Event> => ({
  key: ['events', filter],
  id: (event) => event.id,
  list: (cursor, signal) => listEvents(queryOf(filter, Date.now()), cursor, signal),
  one: (id) => get<Event>(`/events/${encodeURIComponent(id)}`),
  changed: ({ changes }) => [...changes.values()].flatMap(({ kind, id }) => (kind === 'event' ? [id] : [])),
})
