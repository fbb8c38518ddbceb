import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listJobs } from '../api/job'
import { useChanges } from '../live/Live'
import { touches } from '../live/batch'
import { jobColumns, JobRow } from './JobRow'
import { Page, Section } from './Page'
import { Table } from './Table'

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
            <Table what="deliveries" columns={jobColumns(true)} bare>
              {rows.map((job) => (
                <JobRow key={job.id} job={job} brief />
              ))}
            </Table>
          )
        }
      </Page>
    </Section>
  )
}
