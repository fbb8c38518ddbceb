import { Link } from '@tanstack/react-router'
import { get } from '../api/request'
import { listRuns, over, runStatuses, type Run } from '../api/run'
import { narrows, queryOf, type Filter } from '../list/filter'
import { useFilter } from '../list/useFilter'
import { useFollowed, type Source } from '../list/useFollowed'
import { Filters, StatusFilter, TextFilter, TimeFilter } from '../parts/Filters'
import { FirstEvent } from '../parts/FirstEvent'
import { List } from '../parts/List'
import { Duration, Moment, Sentence } from '../parts/Moment'
import { NothingFound } from '../parts/NothingFound'
import { Status } from '../parts/Status'
import { Title } from '../parts/Tree'
import { splitTree } from '../path'
import { useTitle } from './title'

/** Every execution of every tree, the newest first. */
export function RunsPage() {
  useTitle('Runs')
  const { filter, set, clear } = useFilter('/runs')
  const list = useFollowed(runsBy(filter))
  return (
    <>
      <h1>Runs</h1>
      <Filters filter={filter} clear={clear}>
        <StatusFilter all={runStatuses} chosen={filter.status} set={set} />
        <TextFilter name="q" label="Search" hint="title, inputs, results…" value={filter.q} set={set} />
        <TextFilter name="tree" label="Tree" hint="Group / Name" value={filter.tree} set={set} />
        <TimeFilter filter={filter} set={set} />
      </Filters>
      <List
        what="runs"
        list={list}
        columns={['Time', 'Status', 'Run', 'Tree', 'Waiting for', 'Took']}
        row={(run) => <RunRow key={run.id} run={run} />}
        empty={narrows(filter) ? <NothingFound what="run" clear={clear} /> : <FirstEvent of="runs" />}
      />
    </>
  )
}

function RunRow({ run }: { run: Run }) {
  return (
    <tr>
      <td data-cell="time">
        <Moment at={run.createdAt} as="brief" />
      </td>
      <td data-cell="status">
        <Status of={run.status} />
      </td>
      <td data-cell="number">
        <Link to="/runs/$number" params={{ number: String(run.number) }} className="row">
          #{run.number}
        </Link>
      </td>
      <td data-cell="main">
        <Title title={run.tree.title} brief />
      </td>
      <td data-cell="text">
        <Sentence text={run.waitingFor ?? run.reason ?? ''} />
      </td>
      <td data-cell="took">
        {over(run.status) && run.endedAt === undefined ? (
          <span className="quiet">–</span>
        ) : (
          <Duration from={run.startedAt ?? run.createdAt} to={run.endedAt} />
        )}
      </td>
    </tr>
  )
}

const runsBy = (filter: Filter): Source<Run> => ({
  key: ['runs', filter],
  id: (run) => String(run.number),
  list: (cursor, signal) => {
    const { tree = '', ...query } = queryOf(filter, Date.now())
    return listRuns({ ...query, ...splitTree(tree) }, cursor, signal)
  },
  one: (number) => get<Run>(`/runs/${number}`),
  changed: ({ changes }) =>
    [...changes.values()].flatMap(({ kind, run }) => (kind === 'run' && run !== undefined ? [String(run)] : [])),
})
