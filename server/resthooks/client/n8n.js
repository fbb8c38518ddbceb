// n8n's trigger for Keap, from the npm package n8n-nodes-base. The package comes with hundreds of others; of all that,
// one node and its functions are used here. So its archive alone is fetched, held against its hash, and the two files
// taken out of it; what they import is stood in for below. Nothing of it is part of the repository.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { compileFunction } from 'node:vm'

const run = promisify(execFile)
const name = 'n8n-nodes-base@2.41.2'
const integrity = 'sha512-qUItyawxR1aR/t6Fgk0whYwBSDR+VOu5RkgAI3AElVI3dqPLLcCAawAMFc/N3GFG35//quOVRUwuc7a3mVLC0g=='
const folder = 'package/dist/nodes/Keap'
const files = ['KeapTrigger.node.js', 'GenericFunctions.js']
const cache = fileURLToPath(new URL('node_modules/.cache/', import.meta.url))

let fetching

/** Gives the folder of the node's files. They are fetched once, and kept as long as what npm installed. */
const fetched = () => (fetching ??= take())

async function take() {
  const kept = join(cache, name)
  try {
    await access(kept)
  } catch {
    await mkdir(cache, { recursive: true })
    const dir = await mkdtemp(join(cache, 'fetching-'))
    try {
      await unpack(await pack(dir), dir)
      await rename(dir, kept)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  }
  return join(kept, folder)
}

/** Has npm fetch the archive, 12 MB, which it keeps in a cache of its own. */
async function pack(dir) {
  const options = ['--json', '--loglevel=silent', '--prefer-offline', '--pack-destination', dir]
  try {
    const { stdout } = await run('npm', ['pack', name, ...options], { maxBuffer: 64 << 20 }) // it lists each file
    return join(dir, JSON.parse(stdout)[0].filename)
  } catch (error) {
    throw new Error(`these tests need ${name}, which npm could not fetch; connect to the network and try again: ${reason(error)}`)
  }
}

/** Why npm failed, by its own words where it has some. */
function reason({ stdout, message }) {
  try {
    return JSON.parse(stdout).error.summary
  } catch {
    return message
  }
}

async function unpack(archive, dir) {
  const hash = `sha512-${createHash('sha512').update(await readFile(archive)).digest('base64')}`
  if (hash !== integrity) {
    throw new Error(`${name} is not the package that these tests were written for: its hash is\n${hash}, not\n${integrity}`)
  }
  await run('tar', ['-xzf', archive, '-C', dir, ...files.map((file) => `${folder}/${file}`)])
  await rm(archive)
}

/** The error that the node throws for a failed call. */
class NodeApiError extends Error {
  constructor(_node, cause) {
    super(cause.message, { cause })
  }
}

const imports = {
  'change-case': { capitalCase: (text) => text },
  'n8n-workflow': { NodeApiError, NodeConnectionTypes: { Main: 'main' } },
}

function load(dir, file) {
  const module = { exports: {} }
  const require = (wanted) => {
    if (wanted in imports) return imports[wanted]
    if (files.includes(`${wanted.slice(2)}.js`)) return load(dir, `${wanted.slice(2)}.js`)
    throw new Error(`${file} imports ${wanted}, for which nothing stands in`)
  }
  compileFunction(readFileSync(join(dir, file), 'utf8'), ['module', 'exports', 'require'], { filename: file })(
    module,
    module.exports,
    require,
  )
  return module.exports
}

/** A workflow of n8n that Keap triggers, pointed at a server, with n8n's own part of the work done as n8n does it. */
export async function workflow({ url, token, webhookURL, eventId, rawData = false }) {
  const { KeapTrigger } = load(await fetched(), files[0])
  const node = new KeapTrigger()
  const parameters = { eventId, rawData }
  const remembered = {}
  const self = {
    getNode: () => ({ name: 'Keap Trigger' }),
    getNodeParameter: (parameter) => parameters[parameter],
    getNodeWebhookUrl: () => webhookURL,
    getWorkflowStaticData: () => remembered,
    helpers: {
      returnJsonArray: (data) => [data].flat().map((json) => ({ json })),
      requestOAuth2: (_credentials, options) => request(url, token, options),
    },
  }
  const { checkExists, create, delete: remove } = node.webhookMethods.default
  return {
    remembered,
    events: () => node.methods.loadOptions.getEvents.call(self),
    checkExists: () => checkExists.call(self),
    create: () => create.call(self),
    delete: () => remove.call(self),
    /** What the workflow starts with; nothing when the node has answered by itself. */
    receive: async ({ headers, body }, response) => {
      const express = {
        set: (header, value) => response.setHeader(header, value),
        status: (code) => {
          response.statusCode = code
          return response
        },
      }
      const done = await node.webhook.call({
        ...self,
        getHeaderData: () => headers,
        getBodyData: () => JSON.parse(body),
        getResponseObject: () => express,
      })
      if (done.noWebhookResponse) return undefined
      response.setHeader('Content-Type', 'application/json').end('{"message":"Workflow was started"}')
      return done.workflowData[0].map(({ json }) => json)
    },
  }
}

/** Does a request as n8n does: the vendor's address is the server's, and an answer that is no success is an error. */
async function request(server, token, { method, uri, headers, body }) {
  const answer = await fetch(uri.replace('https://api.infusionsoft.com', server), {
    method,
    headers: { ...headers, Accept: 'application/json', Authorization: `Bearer ${token}` },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status} - ${text}`)
  return text && JSON.parse(text)
}
