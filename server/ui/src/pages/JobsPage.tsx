import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { Progress } from '../api/replay'
import { get } from '../api/request'
import { jobStatuses, listJobs, type Job } from '../api/job'
import { choiceOf } from '../list/choice'
import { narrows, queryOf, type Filter } from '../list/filter'
import { useFollowed, type Source } from '../list/useFollowed'
import { Endpoint } from '../parts/Endpoint'
import { Filters, StatusFilter, TextFilter, TimeFilter } from '../parts/Filters'
import { FirstEvent } from '../parts/FirstEvent'
import { List } from '../parts/List'
import { Moment, Sentence } from '../parts/Moment'
import { NothingFound } from '../parts/NothingFound'
import { OnlyOf } from '../parts/OnlyOf'
import { Outcome } from '../parts/Outcome'
import { ReplayShown } from '../parts/ReplayShown'
import { Status } from '../parts/Status'
import { SubscriptionLink } from '../parts/SubscriptionLink'
import { Path, TargetView } from '../parts/Tree'
import { follows } from '../path'
import { useTitle } from './title'

/** Every firing of every webhook, the newest first. */
export function JobsPage() {
  useTitle('Webhook jobs')
  const filter = useSearch({ from: '/inside/jobs' })
  const navigate = useNavigate({ from: '/jobs' })
  const set = (change: Partial<Record<keyof Filter, string | undefined>>) =>
    void navigate({ search: (old) => ({ ...old, ...change }) as Filter, replace: true })
  const clear = () => void navigate({ search: {}, replace: true })
  const list = useFollowed(jobsBy(filter))
  const [outcome, setOutcome] = useState<Progress>()
  const choice = choiceOf(filter, list.rows[0]?.createdAt, list.query.dataUpdatedAt)
  return (
    <>
      <h1>Webhook jobs</h1>
      <Filters filter={filter} clear={clear}>
        <StatusFilter all={jobStatuses} chosen={filter.status} set={set} />
        <TextFilter name="q" label="Search" hint="path, payload, answer…" value={filter.q} set={set} />
        <TextFilter name="kapp" label="Kapp" hint="slug" value={filter.kapp} set={set} />
        <TextFilter name="form" label="Form" hint="slug" value={filter.form} set={set} />
        <TimeFilter filter={filter} set={set} />
        <OnlyOf filter={filter} row={list.rows[0]} set={set} />
      </Filters>
      <Outcome of={outcome} close={() => setOutcome(undefined)}>
        {outcome && outcome.retried > 0 && (
          <button type="button" className="small" onClick={() => set({ status: undefined })}>
            Show them, whatever their status
          </button>
        )}
      </Outcome>
      {choice && (
        <ReplayShown choice={choice} rows={list.rows.length} whole={!list.query.hasNextPage} done={setOutcome} />
      )}
      <List
        what="webhook jobs"
        list={list}
        columns={['Time', 'Status', 'Event', 'Webhook and target', 'Summary', 'Run']}
        row={(job) => <JobRow key={job.id} job={job} />}
        empty={narrows(filter) ? <NothingFound what="webhook job" clear={clear} /> : <FirstEvent />}
      />
    </>
  )
}

function JobRow({ job }: { job: Job }) {
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
      <td data-cell="more">
        <Webhook job={job} />
      </td>
      <td data-cell="text">
        <Sentence text={job.summary ?? ''} />
        {job.retryCount > 0 && <span className="quiet"> · {job.retryCount + 1} attempts</span>}
        {job.batch && <span className="quiet"> · went along with another</span>}
      </td>
      <td data-cell="number">
        {job.run !== undefined && (
          <Link to="/runs/$number" params={{ number: String(job.run) }}>
            #{job.run}
          </Link>
        )}
      </td>
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

const jobsBy = (filter: Filter): Source<Job> => ({
  key: ['jobs', filter],
  id: (job) => job.id,
  list: (cursor, signal) => listJobs(queryOf(filter, Date.now()), cursor, signal),
  one: (id) => get<Job>(`/jobs/${encodeURIComponent(id)}`),
  changed: ({ changes }) => [...changes.values()].flatMap((change) => (change.kind === 'job' ? [change.id] : [])),
})
