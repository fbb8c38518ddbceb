import { Link } from '@tanstack/react-router'
import type { Job } from '../api/job'
import { follows } from '../path'
import { Endpoint } from './Endpoint'
import { RunLink } from './Message'
import { Moment, Sentence } from './Moment'
import { Status } from './Status'
import { SubscriptionLink } from './SubscriptionLink'
import { Path, TargetView } from './Tree'

/** The columns of a list of jobs; where all are of one webhook, `brief` leaves out what each row would say again. */
export const jobColumns = (brief = false) =>
  brief ? ['Time', 'Status', 'Event', 'Answer'] : ['Time', 'Status', 'Event', 'Webhook and target', 'Summary', 'Run']

/** One firing of one webhook. */
export function JobRow({ job, brief = false }: { job: Job; brief?: boolean }) {
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
      {!brief && (
        <td data-cell="more">
          <Webhook job={job} />
        </td>
      )}
      <td data-cell="text">
        <Sentence text={job.summary ?? ''} />
        {job.retryCount > 0 && <span className="quiet"> · {job.retryCount + 1} attempts</span>}
        {job.batch && <span className="quiet"> · went along with another</span>}
      </td>
      {!brief && <td data-cell="number">{job.run !== undefined && <RunLink number={job.run} />}</td>}
    </tr>
  )
}

/** What fired, and where it went. */
function Webhook({ job }: { job: Job }) {
  if (job.subscription !== undefined) {
    return (
      <>
        <SubscriptionLink id={job.subscription} name={job.webhook} /> → <Endpoint url={job.url ?? ''} />
      </>
    )
  }
  return follows(job.target.tree, job.webhook) ? (
    <span className="quiet">naming convention</span>
  ) : (
    <>
      {job.webhook} → <TargetView target={job.target} />
    </>
  )
}
