import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { runErrorsQuery } from '../api/error'
import { cancelRun, over, runQuery, type Pending, type Run } from '../api/run'
import { useMay } from '../api/session'
import { tasksQuery } from '../api/task'
import { useChanges } from '../live/Live'
import { touches } from '../live/batch'
import { Act } from '../parts/Act'
import { Value } from '../parts/Code'
import { DeskErrorView } from '../parts/DeskErrors'
import { Facts } from '../parts/Facts'
import { Duration, Moment, Sentence } from '../parts/Moment'
import { Page, Section } from '../parts/Page'
import { Status } from '../parts/Status'
import { Tasks } from '../parts/Tasks'
import { Title } from '../parts/Tree'
import { useTitle } from './title'

/** One run: what it waits for, what stopped, and what each node came to. */
export function RunPage() {
  const number = Number(useParams({ from: '/inside/runs/$number' }).number)
  const client = useQueryClient()
  const query = useQuery(runQuery(number))
  useChanges((batch) => {
    if (touches(batch, (change) => change.run === number)) {
      const parts = [runQuery(number).queryKey, tasksQuery(number).queryKey, runErrorsQuery(number).queryKey]
      void Promise.all(parts.map((queryKey) => client.invalidateQueries({ queryKey })))
    }
  })
  useTitle(`Run #${number}`)
  return (
    <Page query={query} what={`Run #${number}`}>
      {(run) => <RunView run={run} />}
    </Page>
  )
}

function RunView({ run }: { run: Run }) {
  return (
    <article>
      <p className="trail">
        <Link to="/runs">Runs</Link>
      </p>
      <div className="head">
        <h1>Run #{run.number}</h1>
        <Status of={run.status} />
        <Cancel run={run} />
      </div>
      {run.waitingFor && (
        <p className="sentence">
          <span className="quiet">{run.status === 'Error' ? 'Stopped by:' : 'Waiting for:'}</span>{' '}
          <Sentence text={run.waitingFor} />
        </p>
      )}
      {run.reason && <p className="sentence">{run.reason}</p>}
      <RunFacts run={run} />
      <Errors run={run.number} />
      {run.pending && run.pending.length > 1 && <Open pending={run.pending} />}
      <Tasks run={run.number} />
      {(run.inputs ?? run.outputs) !== undefined && (
        <Section title="Inputs and outputs">
          <div className="pair">
            {run.inputs && <Value of={run.inputs} label="Inputs" />}
            {run.outputs !== undefined && <Value of={run.outputs} label="Outputs" />}
          </div>
        </Section>
      )}
    </article>
  )
}

function RunFacts({ run }: { run: Run }) {
  return (
    <Facts
      of={[
        ['Tree', <Title key="tree" title={run.tree.title} />],
        [
          'Version',
          <code key="version" title={run.version}>
            {run.version.slice(0, 12)}
          </code>,
        ],
        [
          'Webhook job',
          run.job && (
            <Link to="/jobs/$id" params={{ id: run.job }}>
              The job that started it
            </Link>
          ),
        ],
        [
          'Event',
          run.event && (
            <Link to="/events/$id" params={{ id: run.event }}>
              The event
            </Link>
          ),
        ],
        ['Called by run', run.parent && <code>{run.parent}</code>],
        ['Made', <Moment key="made" at={run.createdAt} />],
        ['Ended', run.endedAt && <Moment at={run.endedAt} />],
        ['Took', <Duration key="took" from={run.startedAt ?? run.createdAt} to={run.endedAt} />],
        ['Lane', run.lane],
        ['Dedupe', run.dedupe],
      ]}
    />
  )
}

/** All that stopped in the run, the open ones first. */
function Errors({ run }: { run: number }) {
  const { data } = useQuery(runErrorsQuery(run))
  const errors = data?.rows ?? []
  if (errors.length === 0) {
    return null
  }
  const sorted = [...errors].sort((a, b) => Number(b.status === 'Open') - Number(a.status === 'Open'))
  return (
    <Section title="Errors">
      {sorted.map((error) => (
        <DeskErrorView key={error.id} error={error} placed />
      ))}
    </Section>
  )
}

/** Everything that is not finished, where it is more than one thing. */
function Open({ pending }: { pending: Pending[] }) {
  return (
    <Section title="Not finished">
      <ul className="plainly">
        {pending.map((each) => (
          <li key={`${each.node} ${each.place ?? ''}`}>
            <Status of={each.status} /> <strong>{each.node}</strong> {each.place && <code>{each.place}</code>}{' '}
            <Sentence text={each.reason ?? ''} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Cancel({ run }: { run: Run }) {
  const client = useQueryClient()
  if (!useMay('operator') || over(run.status)) {
    return null
  }
  const act = async (note: string) => {
    client.setQueryData(runQuery(run.number).queryKey, await cancelRun(run.number, note))
    await client.invalidateQueries({ queryKey: tasksQuery(run.number).queryKey })
  }
  return (
    <div className="acts">
      <Act
        label="Cancel"
        title={`Cancel run #${run.number}?`}
        confirm="Cancel run"
        tone="danger"
        note="optional"
        act={act}
      >
        <p>
          Nothing further is started, and the run never goes on. What its nodes have done is not undone; a call that is
          on its way at this moment may still arrive.
        </p>
      </Act>
    </div>
  )
}
