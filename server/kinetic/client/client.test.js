// The vendor's own client for browsers, @kineticdata/react, run against the real server: what its functions give is
// what its screens show.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { load, open, until } from './house.js'

let server
let client
before(async () => {
  server = await open()
  client = load(server)
})
after(() => server?.close())

const source = { sourceName: 'Kinetic Request CE' }
const laptop = { ...source, sourceGroup: 'Submissions > services > laptop-request', name: 'Submitted' }
const title = 'Kinetic Request CE :: Submissions > services > laptop-request :: Submitted'

/** Posts to the server as a program would. */
async function post(path, body) {
  const answer = await fetch(server.url + path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Basic ${Buffer.from(`admin:${server.password}`).toString('base64')}`,
    },
    body: JSON.stringify(body),
  })
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`)
  return answer.json()
}

const fire = (id, cost) =>
  post('/api/v1/events', {
    event: { type: 'Submission', action: 'Submitted' },
    kapp: { slug: 'services' },
    form: { slug: 'laptop-request' },
    submission: { id },
    values: { Cost: cost },
  })

/** What the client makes of a refusal. */
function refused({ error }, status, key, text) {
  assert.equal(error?.statusCode, status, JSON.stringify(error))
  assert.equal(error.key, key)
  assert.match(error.message, text)
  assert.equal(typeof error.correlationId, 'string')
}

test('versions of both APIs', async () => {
  const { version } = await client.version.fetchVersion()
  assert.match(version.version, /^6\./)
  const task = await client.task.fetchTaskVersion()
  assert.ok(task.version.version > '04.03.0z', task.version.version)
})

test('webhooks of the space and of a kapp', async () => {
  const { webhooks } = client
  const webhook = {
    name: 'Closed / all',
    type: 'Submission',
    event: 'Submission Closed',
    filter: "form('slug') === 'laptop-request'",
    url: "/app/api/v1/run-tree/${space('attribute:Task Source Name')}/Stock/Order",
  }
  assert.deepEqual(await webhooks.fetchWebhooks(), { webhooks: [] })
  assert.deepEqual(await webhooks.createWebhook({ webhook }), { webhook })
  assert.deepEqual(await webhooks.fetchWebhook({ webhookName: webhook.name }), { webhook })
  refused(await webhooks.createWebhook({ webhook }), 400, 'uniqueness_violation', /already/)

  const detailed = await webhooks.fetchWebhook({ webhookName: webhook.name, include: 'details' })
  assert.ok(Date.parse(detailed.webhook.updatedAt) > 0, detailed.webhook.updatedAt)

  const kappSlug = 'services'
  await webhooks.createWebhook({ kappSlug, webhook: { ...webhook, name: 'In the kapp' } })
  const changed = await webhooks.updateWebhook({ kappSlug, webhookName: 'In the kapp', webhook: { filter: '' } })
  assert.equal(changed.webhook.filter, '')
  assert.equal(changed.webhook.url, webhook.url)
  assert.deepEqual((await webhooks.fetchWebhooks({ kappSlug })).webhooks.map((w) => w.name), ['In the kapp'])

  assert.equal((await webhooks.deleteWebhook({ webhookName: webhook.name })).webhook.name, webhook.name)
  assert.equal((await webhooks.deleteWebhook({ kappSlug, webhookName: 'In the kapp' })).webhook.name, 'In the kapp')
  const gone = await webhooks.fetchWebhook({ webhookName: webhook.name })
  refused(gone, 404, 'not_found', /Closed/)
  assert.equal(gone.error.notFound, true)
  refused(await webhooks.createWebhook({ webhook: { name: 'x', url: 'test' } }), 400, 'invalid', /Type must not be blank/)
})

test('what webhooks can be about', async () => {
  const space = await client.meta.fetchSpaceWebhookEvents()
  assert.deepEqual(space.Submission, ['Created', 'Submitted', 'Updated', 'Saved', 'Closed', 'Deleted'])
  assert.ok(space.User.includes('Membership Change'))
  const kapp = await client.meta.fetchKappWebhookEvents()
  assert.ok(kapp.Form.includes('Restored'))
  assert.equal(kapp.User, undefined)
})

test('webhook jobs: pages, filters, retry and cancel', async () => {
  for (const cost of [1, 2, 3]) await fire(`job-${cost}`, cost)
  const { webhooksJobs } = client
  const first = await webhooksJobs.fetchWebhookJobs({ limit: 2 })
  assert.equal(first.webhookJobs.length, 2)
  const rest = await webhooksJobs.fetchWebhookJobs({ limit: 2, pageToken: first.nextPageToken })
  assert.deepEqual([rest.webhookJobs.length, rest.nextPageToken], [1, null])

  const [job] = first.webhookJobs
  assert.equal(job.event, 'Submission Submitted')
  assert.deepEqual([job.status, job.summary, job.scopeType, job.retryCount], ['Complete', '200 OK', 'Space', 0])
  assert.equal(JSON.parse(job.requestContent).values.Cost, 3)
  const { messageType, message, runId } = JSON.parse(job.responseContent)
  assert.deepEqual([messageType, message], ['success', `Initiated run #${runId}.`])

  const again = await webhooksJobs.updateWebhookJob({ id: job.id, webhookJob: { status: 'Queued' } })
  assert.deepEqual([again.webhookJob.status, again.webhookJob.retryCount], ['Complete', 1])
  assert.notEqual(JSON.parse(again.webhookJob.responseContent).runId, runId)

  await post('/app/components/task/app/api/v1/run-tree/Kinetic%20Request%20CE/Robots/Nightly', {})
  const [nightly] = (await webhooksJobs.fetchWebhookJobs({ webhook: 'run-tree' })).webhookJobs
  await webhooksJobs.updateWebhookJob({ id: nightly.id, webhookJob: { status: 'Cancelled' } })
  const { run } = await client.task.fetchTaskRun({ runId: JSON.parse(nightly.responseContent).runId })
  assert.equal(run.status, 'Cancelled')

  assert.deepEqual((await webhooksJobs.fetchWebhookJobs({ status: 'failed' })).webhookJobs, [])
  assert.deepEqual(await webhooksJobs.fetchWebhookJobs({ scope: 'kapp', kappSlug: 'services' }), {
    webhookJobs: [],
    nextPageToken: null,
  })
  refused(await webhooksJobs.updateWebhookJob({ id: job.id, webhookJob: { status: 'Lost' } }), 400, 'invalid', /"Lost"/)
})

test('trees: list, show, create, change, clone, export, count, delete', async () => {
  const { task } = client
  const all = await task.fetchTrees({ include: 'details', limit: 2 })
  assert.deepEqual([all.trees.length, all.nextPageToken], [2, 2])
  const last = await task.fetchTrees({ limit: 100, source: 'Kinetic Request CE', groupFragment: 'laptop', type: 'Tree' })
  assert.deepEqual([last.trees.map((t) => t.title), last.nextPageToken], [[title], null])
  assert.equal(last.trees[0].id, undefined)

  const { tree } = await task.fetchTree({ ...laptop, include: 'details,treeYaml,bindings' })
  assert.deepEqual([tree.title, tree.type, tree.status, tree.notes], [title, 'Tree', 'Active', 'Approve and order laptops'])
  assert.equal((await task.fetchTree({ guid: tree.guid, include: 'details' })).tree.id, tree.id)
  refused(await task.fetchTree({ ...laptop, include: 'treeJson' }), 400, 'unsupported', /treeYaml/)

  const treeYaml = 'tree: Users / Created\nnodes:\n  - id: hello\n    do: echo\n    with: {input: hello}\n'
  const users = { ...source, sourceGroup: 'Users', name: 'Created' }
  const created = await task.createTree({ tree: { ...users, treeYaml } })
  assert.equal(created.messageType, 'success')
  refused(await task.createTree({ tree: { ...users, treeYaml } }), 400, 'uniqueness_violation', /already/)
  refused(await task.createTree({ tree: { ...users, treeJson: {} } }), 400, 'unsupported', /treeYaml/)

  const { versionId } = (await task.fetchTree(users)).tree
  const next = { treeYaml: treeYaml.replace('input: hello', 'input: bye'), versionId }
  const updated = await task.updateTree({ ...users, tree: next })
  assert.notEqual(updated.tree.versionId, versionId)
  refused(await task.updateTree({ ...users, tree: next }), 400, 'stale_record', /read it again/)

  const cloned = await task.cloneTree({ ...users, newName: 'Updated' })
  assert.equal(cloned.tree.title, 'Kinetic Request CE :: Users :: Updated')
  const exported = await task.exportTree({ ...users, name: 'Updated' })
  assert.match(exported.tree.tree, /input: bye/)

  const content = new Blob([treeYaml.replace('Created', 'Deleted')], { type: 'application/octet-stream' })
  assert.equal((await task.importTree({ content })).tree.messageType, 'success')
  refused(await task.importTree({ contentUrl: 'https://example.com/tree.xml' }), 400, 'unsupported', /not fetched/)

  for (const name of ['Created', 'Updated', 'Deleted']) {
    assert.equal((await task.deleteTree({ ...users, name })).tree.tree.name, name)
  }
  refused(await task.fetchTree(users), 404, 'not_found', /does not exist/)

  const { counts } = await task.fetchTreeCounts(laptop)
  assert.equal(counts.days.length, 30)
  assert.ok(counts.runsSeries[0].data.at(-1).y >= 4, JSON.stringify(counts.runsSeries))
  const usage = await task.fetchUsage({ ...laptop, usageType: 'routine' })
  assert.deepEqual([usage.usages, usage.totalNodes], [[], 0])
  assert.deepEqual(await task.fetchMissingRoutines(), { missingRoutines: [] })
})

test('runs: create, list, show, tasks and triggers', async () => {
  const { task } = client
  const made = await task.createTaskRun({ ...source, sourceGroup: 'Robots', name: 'Nightly', run: { sourceData: 'as it came' } })
  const { runId } = made.run
  assert.equal(made.run.message, `Initiated run #${runId}.`)

  const { run } = await task.fetchTaskRun({ runId, include: 'details,tasks,triggers,sourceData,exceptions' })
  assert.deepEqual([run.id, run.status, run.sourceData], [Number(runId), 'Started', '"as it came"'])
  assert.deepEqual(run.tasks.map((t) => [t.nodeId, t.status, t.loopIndex]), [['night', 'Deferred', '/']])
  assert.deepEqual(run.triggers.map((t) => [t.action, t.status]), [['Root', 'Closed'], ['Complete', 'New']])
  assert.deepEqual(run.exceptions, [])

  const page = await task.fetchTaskRuns({ include: 'details', limit: 1, count: false })
  assert.deepEqual([page.runs[0].id, page.more, page.nextPageToken, page.count], [Number(runId), true, 1, undefined])
  const nightly = await task.fetchTaskRuns({ tree: 'Nightly', group: 'Robots', status: 'Started', treeType: 'Tree' })
  assert.deepEqual([nightly.runs.length, nightly.count, nightly.nextPageToken], [1, 1, null])
  const about = await task.fetchTaskRuns({ sourceId: 'job-1' })
  assert.deepEqual(about.runs.map((r) => [r.sourceId, r.status]), [['job-1', 'Complete']])

  const scheduled = await task.fetchTaskTriggers({ triggerStatus: 'scheduled', include: 'details,run' })
  assert.deepEqual(scheduled.triggers.map((t) => [t.nodeId, t.run.id]), [['night', Number(runId)]])
  const root = await task.fetchTaskTriggers({ runId, action: 'Root' })
  assert.deepEqual([root.count, root.triggers[0].nodeId], [1, 'start'])

  refused(await task.createTaskTrigger({ runId, nodeId: 'night' }), 400, 'unsupported', /retry/)
  refused(await task.updateRunTaskResults({ runId, taskId: 1, results: {} }), 400, 'unsupported', /once/)
  await assert.rejects(task.updateTaskRun({ runId, run: {} }), (error) => error.response.data.errorKey === 'unsupported')
  const token = '3b222703078c67f56ee50b0821bd096f0ce1d091'
  refused(await task.fetchTaskRunViaDeferralToken({ deferralToken: token }), 404, 'not_found', /nothing waits/)
  refused(await task.completeDeferredTask({ token, results: { a: 'b' } }), 404, 'not_found', /nothing waits/)
  refused(await task.updateDeferredTask({ token, message: 'half' }), 404, 'not_found', /nothing waits/)
})

test('errors: list, show and resolve', async () => {
  const { task } = client
  await task.createTaskRun({ ...source, sourceGroup: 'Stock', name: 'Order', run: { sku: 'A-1' } })
  const open = () => task.fetchTaskRunErrors({ include: 'details,run', status: 'Active', handlerId: 'http_v1', timeline: 'createdAt' })
  const { runErrors, count, nextPageToken } = await until(open, (list) => list.count > 0)
  assert.deepEqual([count, nextPageToken], [1, null])
  const [error] = runErrors
  assert.deepEqual([error.type, error.status, error.relatedItem2Id], ['Handler Error', 'Active', 'order'])
  assert.equal(error.run.tree.title, 'Kinetic Request CE :: Stock :: Order')
  assert.equal((await task.fetchTaskRunError({ errorId: error.id })).runError.summary, error.summary)

  const resolve = (action) => task.resolveTaskErrors({ ids: [error.id], action, resolution: 'ordered by phone' })
  refused(await resolve('Cancel Branch'), 400, 'invalid', /Invalid management action "Cancel Branch" for error #\d+ with type "Handler Error"/)
  const { message } = await resolve('Skip Task')
  assert.equal(message.message, `Resolved task errors [${error.id}]`)
  assert.equal((await open()).count, 0)
  const { run } = await task.fetchTaskRun({ runId: error.run.id })
  assert.equal(run.status, 'Complete')

  assert.deepEqual(await task.fetchSystemErrors(), { systemErrors: [] })
  refused(await task.fetchSystemError({ errorId: 1 }), 404, 'not_found', /system errors/)
  refused(await task.resolveSystemError({ ids: [1], resolution: 'Retry' }), 404, 'not_found', /system errors/)
})

test('handlers and sources', async () => {
  const { task } = client
  const { handlers } = await task.fetchHandlers({ include: 'details' })
  assert.ok(handlers.some((h) => h.definitionId === 'http_v1'), JSON.stringify(handlers))
  const { handler } = await task.fetchHandler({ definitionId: 'http_v1', include: 'parameters,results' })
  assert.ok(handler.parameters.some((p) => p.name === 'url' && p.required))
  const usage = await task.fetchUsage({ usageType: 'handler', definitionId: 'http_v1' })
  assert.deepEqual([usage.usages.map((u) => u.title), usage.totalTrees], [['Kinetic Request CE :: Stock :: Order'], 1])
  const durations = await task.fetchHandlerDurations({ definitionId: 'set_v1' })
  assert.ok(durations.taskDurations.length >= 4)
  assert.deepEqual(await task.fetchMissingHandlers(), { missingHandlers: [] })
  refused(await task.updateHandler({ definitionId: 'http_v1', handler: {} }), 400, 'unsupported', /handlers/)
  refused(await task.deleteHandler({ definitionId: 'http_v1' }), 400, 'unsupported', /handlers/)
  const imported = await task.createHandler({ packageUrl: 'https://example.com/handler.zip' })
  assert.equal(imported.error.errorKey, 'unsupported')

  const { sources } = await task.fetchSources({ include: 'details' })
  assert.deepEqual(sources.map((s) => s.name), ['Kinetic Request CE'])
  const found = await task.fetchSource({ ...source, include: 'sourceGroups,predefinedSourceGroups' })
  assert.ok(found.source.sourceGroups.includes('Robots'))
  assert.ok(found.source.predefinedSourceGroups.includes('Submissions > (kapp-slug) > (form-slug)'))
  assert.equal((await task.validateSource(source)).messageType, 'success')
  assert.equal((await task.fetchSourceAdapters()).sourceAdapters[0].name, 'Kinetic Request CE')
  refused(await task.createSource({ source: { name: 'New' } }), 400, 'unsupported', /source/)
  refused(await task.updateSource({ ...source, source: {} }), 400, 'unsupported', /source/)
  refused(await task.deleteSource(source), 400, 'unsupported', /source/)
})

test('categories, policy rules and workflows are lists of none', async () => {
  const { task, workflows } = client
  assert.deepEqual(await task.fetchTaskCategories(), { categories: [] })
  refused(await task.fetchTaskCategory({ categoryName: 'x' }), 404, 'not_found', /categor/)
  refused(await task.createTaskCategory({ category: { name: 'x' } }), 400, 'unsupported', /categor/)
  refused(await task.updateTaskCategory({ categoryName: 'x', category: {} }), 400, 'unsupported', /categor/)
  refused(await task.deleteTaskCategory({ categoryName: 'x' }), 400, 'unsupported', /categor/)

  const rule = { policyType: 'API Access', policyName: 'Valid Signature' }
  assert.deepEqual(await task.fetchPolicyRules({ type: 'API Access', limit: 1000 }), { policyRules: [] })
  refused(await task.fetchPolicyRule(rule), 404, 'not_found', /policy/)
  refused(await task.createPolicyRule({ ...rule, policy: {} }), 400, 'unsupported', /policy/)
  refused(await task.updatePolicyRule({ ...rule, policy: {} }), 400, 'unsupported', /policy/)
  refused(await task.deletePolicyRule(rule), 400, 'unsupported', /policy/)

  const none = { workflows: [], migratable: [], missing: [], orphaned: [] }
  assert.deepEqual(await workflows.fetchWorkflows(), none)
  assert.deepEqual(await workflows.fetchWorkflows({ kappSlug: 'services', formSlug: 'laptop-request' }), none)
  refused(await workflows.fetchWorkflow({ workflowId: 'x' }), 404, 'not_found', /workflow/)
  refused(await workflows.createWorkflow({ workflow: { name: 'x' } }), 400, 'unsupported', /YAML/)
  refused(await workflows.updateWorkflow({ workflowId: 'x', workflow: {} }), 400, 'unsupported', /YAML/)
  refused(await workflows.deleteWorkflow({ workflowId: 'x' }), 400, 'unsupported', /YAML/)
  refused(await workflows.repairWorkflows({ kappSlug: 'services' }), 400, 'unsupported', /YAML/)
})

test('the engine', async () => {
  const { task } = client
  assert.equal((await task.fetchEngineStatus()).status, 'Running')
  const { settings } = await task.fetchEngineSettings()
  assert.deepEqual(Object.keys(settings).sort(), ['Max Threads', 'Sleep Delay', 'Trigger Query'])
  refused(await task.updateEngineSettings({ settings: { 'Max Threads': '7' } }), 400, 'unsupported', /flags/)
  assert.equal((await task.startEngine()).messageType, 'success')
  refused(await task.stopEngine(), 400, 'unsupported', /server/)
  assert.equal((await task.fetchEngineLicense()).license, 'Apache-2.0')
})

// These belong to screens that have nothing to do with webhooks and workflows.
const others = ['buildTreeId', 'fetchLocales', 'fetchSpaMeta', 'fetchTimezones']

test('no call of the client was left out', () => {
  assert.deepEqual(client.uncalled().sort(), others)
})
