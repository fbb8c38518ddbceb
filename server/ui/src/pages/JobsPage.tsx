import { useState } from 'react'
import type { Progress } from '../api/replay'
import { get } from '../api/request'
import { jobStatuses, listJobs, type Job } from '../api/job'
import { choiceOf } from '../list/choice'
import { narrows, queryOf, type Filter } from '../list/filter'
import { useFilter } from '../list/useFilter'
import { useFollowed, type Source } from '../list/useFollowed'
import { Filters, StatusFilter, TextFilter, TimeFilter } from '../parts/Filters'
import { FirstEvent } from '../parts/FirstEvent'
import { jobColumns, JobRow } from '../parts/JobRow'
import { List } from '../parts/List'
import { NothingFound } from '../parts/NothingFound'
import { OnlyOf } from '../parts/OnlyOf'
import { Outcome } from '../parts/Outcome'
import { ReplayShown } from '../parts/ReplayShown'
import { useTitle } from './title'

/** Every firing of every webhook, the newest first. */
export function JobsPage() {
  useTitle('Webhook jobs')
  const { filter, set, clear } = useFilter('/jobs')
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
        columns={jobColumns()}
        row={(job) => <JobRow key={job.id} job={job} />}
        empty={narrows(filter) ? <NothingFound what="webhook job" clear={clear} /> : <FirstEvent of="jobs" />}
      />
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
