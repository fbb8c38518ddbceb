import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listJobs, type Job } from '../api/job'
import { useChanges } from '../live/Live'
import { touches } from '../live/batch'
import { Moment, Sentence } from './Moment'
import { Page, Section } from './Page'
import { Status } from './Status'
import { Path } from './Tree'

/** Enough to see whether it goes well; the list of jobs has the rest. */
const latest = 10

/** The latest deliveries of a subscription, with what was answered. */
export function Deliveries({ subscription }: { subscription: string }) {
  const query = useQuery({
    queryKey: ['jobs', 'latest', subscription],
    queryFn: ({ signal }) => listJobs({ subscription, limit: latest }, undefined, signal),
  })
  useChanges((batch) => {
    if (touches(batch, ({ kind }) => kind === 'job')) {
      void query.refetch()
    }
  })
  const all = (
    <Link to="/jobs" search={{ subscription }}>
      All of them
    </Link>
  )
  return (
    <Section title="Latest deliveries" aside={all}>
      <Page query={query} what="The deliveries">
        {({ rows }) =>
          rows.length === 0 ? (
            <p className="quiet">No event has come for it yet, or those that did are no longer kept.</p>
          ) : (
            <table className="list" data-what="deliveries">
              <thead className="hidden">
                <tr>
                  {['Time', 'Status', 'Event', 'Answer'].map((column) => (
                    <th key={column} scope="col">
                      {column}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((job) => (
                  <Delivery key={job.id} job={job} />
                ))}
              </tbody>
            </table>
          )
        }
      </Page>
    </Section>
  )
}

function Delivery({ job }: { job: Job }) {
  return (
    <tr>
      <td data-cell="time">
        <Moment at={job.createdAt} as="brief" />
      </td>
      <td data-cell="status">
        <Status of={job.status} />
      </td>
      <td data-cell="main">
        <Link to="/jobs/$id" params={{ id: job.id }} className="row">
          <Path path={job.path} />
        </Link>
      </td>
      <td data-cell="text">
        <Sentence text={job.summary ?? ''} />
        {job.retryCount > 0 && <span className="quiet"> · {job.retryCount + 1} attempts</span>}
      </td>
    </tr>
  )
}
