import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { eventQuery } from '../api/event'
import { cancelJob, jobQuery, rests, retryJob, type Job } from '../api/job'
import { useMay } from '../api/session'
import { useChanges } from '../live/Live'
import { touches } from '../live/batch'
import { Act } from '../parts/Act'
import { Value } from '../parts/Code'
import { Facts } from '../parts/Facts'
import { AnswerView, Attempts, RunLink, SentView } from '../parts/Message'
import { HeldRemark } from '../parts/HeldRemark'
import { Moment, Sentence } from '../parts/Moment'
import { Page, Section } from '../parts/Page'
import { Status } from '../parts/Status'
import { SubscriptionLink } from '../parts/SubscriptionLink'
import { TargetView, Title } from '../parts/Tree'
import { Verdicts } from '../parts/Verdicts'
import { follows } from '../path'
import { useTitle } from './title'

/** One firing of one webhook: why it fired, what was sent where, what was answered. */
export function JobPage() {
  const { id } = useParams({ from: '/inside/jobs/$id' })
  const query = useQuery(jobQuery(id))
  useChanges((batch) => {
    if (touches(batch, (change) => change.kind === 'job' && change.id === id)) {
      void query.refetch()
    }
  })
  useTitle(query.data?.path, 'Webhook job')
  return (
    <Page query={query} what="The webhook job">
      {(job) => <JobView job={job} />}
    </Page>
  )
}

function JobView({ job }: { job: Job }) {
  return (
    <article>
      <p className="trail">
        <Link to="/jobs">Webhook jobs</Link>
      </p>
      <div className="head">
        <h1>{job.path}</h1>
        <Status of={job.status} />
        <Acts job={job} />
      </div>
      {job.summary && (
        <p className="sentence">
          <Sentence text={job.summary} />
        </p>
      )}
      {job.waitingFor && (
        <p className="sentence">
          <Sentence text={`${job.waitingFor}.`} />
        </p>
      )}
      {job.status === 'Held' && <HeldRemark job={job} />}
      <JobFacts job={job} />
      <Section title={rests(job.status) && job.status !== 'Held' ? 'What was sent' : 'What is sent'}>
        <WhatWasSent job={job} />
      </Section>
      {job.response && (
        <Section title="What was answered">
          <AnswerView answer={job.response} />
        </Section>
      )}
      {job.attempts && (
        <Section title="Attempts">
          <Attempts attempts={job.attempts} />
        </Section>
      )}
      <Why job={job} />
    </article>
  )
}

function JobFacts({ job }: { job: Job }) {
  return (
    <Facts
      of={[
        [
          job.subscription === undefined ? 'Webhook' : 'Subscription',
          job.subscription !== undefined ? (
            <SubscriptionLink id={job.subscription} name={job.webhook} />
          ) : follows(job.target.tree, job.webhook) ? (
            'naming convention'
          ) : (
            job.webhook
          ),
        ],
        ['Target', <TargetView key="target" target={job.target} />],
        ['Run', job.run !== undefined && <RunLink number={job.run} />],
        [
          'Event',
          <Link key="event" to="/events/$id" params={{ id: job.event }}>
            {job.type} {job.action}
          </Link>,
        ],
        ['Submission', job.submission],
        ['Made', <Moment key="made" at={job.createdAt} />],
        ['Ended', job.endedAt && <Moment at={job.endedAt} />],
        ['Next attempt', !rests(job.status) && job.scheduledAt && <Moment at={job.scheduledAt} />],
        ['Retries', job.retryCount > 0 && job.retryCount],
        ['Id', <code key="id">{job.id}</code>],
      ]}
    />
  )
}

/** The bytes as they went out; those of a delivery that went along are the leader's. */
function WhatWasSent({ job }: { job: Job }) {
  if (job.batch !== undefined) {
    return (
      <p>
        It went along with{' '}
        <Link to="/jobs/$id" params={{ id: job.batch }}>
          another delivery
        </Link>{' '}
        to the same endpoint, in one request: that one has what was sent and what was answered.
      </p>
    )
  }
  return job.request ? <SentView sent={job.request} /> : <NotSent job={job} />
}

/** A tree is handed the event itself; a URL may still wait for its turn. */
function NotSent({ job }: { job: Job }) {
  const query = useQuery({ ...eventQuery(job.event), enabled: job.target.tree !== undefined })
  if (job.target.tree === undefined) {
    return <p className="quiet">Nothing has been sent yet.</p>
  }
  return (
    <>
      <p>
        The event as it came in, to the tree <Title title={job.target.tree} />.
      </p>
      {query.data?.payload !== undefined && <Value of={query.data.payload} label="Payload of the event" />}
    </>
  )
}

/** Why the webhook fired, beside what became of the others. */
function Why({ job }: { job: Job }) {
  const query = useQuery(eventQuery(job.event))
  const link = (
    <Link to="/events/$id" params={{ id: job.event }}>
      The event
    </Link>
  )
  return (
    <Section title="Why it fired" aside={link}>
      <Page query={query} what="The event">
        {(event) => <Verdicts event={event} webhook={job.webhook} />}
      </Page>
    </Section>
  )
}

function Acts({ job }: { job: Job }) {
  const client = useQueryClient()
  if (!useMay('operator')) {
    return null
  }
  const show = (after: Job) => client.setQueryData(jobQuery(job.id).queryKey, after)
  return (
    <div className="acts">
      {rests(job.status) ? (
        <Act
          label="Retry"
          title={job.status === 'Held' ? 'Send this delivery?' : 'Retry this job?'}
          confirm={job.status === 'Held' ? 'Send it' : 'Retry job'}
          note="optional"
          act={async (note) => show(await retryJob(job.id, note))}
        >
          {job.status === 'Held' ? (
            <p>It was held and is sent now. Those that were held with it stay held.</p>
          ) : job.target.tree === undefined ? (
            <p>The same request is sent once more, under the same webhook id.</p>
          ) : (
            <p>
              The tree runs once more, as a new run with a number of its own.{' '}
              {job.run !== undefined && `What run #${job.run} did is not undone.`}
            </p>
          )}
        </Act>
      ) : (
        <Act
          label="Cancel"
          title="Cancel this job?"
          confirm="Cancel job"
          tone="danger"
          note="optional"
          act={async (note) => show(await cancelJob(job.id, note))}
        >
          <p>No further attempt is made. A request that is on its way at this moment may still arrive.</p>
        </Act>
      )}
    </div>
  )
}
