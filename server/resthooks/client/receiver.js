import { once } from 'node:events'
import { createServer } from 'node:http'

/**
 * Listens as the endpoint of a client, until the test ends. `answer` is given each request and how to answer it; without
 * one it is 200. What comes in is kept, with the body as it was sent, until next() takes it.
 */
export async function listen(test, answer = (_request, response) => response.end()) {
  const kept = []
  const waiting = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const delivery = { path: request.url, headers: request.headers, body: Buffer.concat(chunks) }
    await answer(delivery, response)
    const taker = waiting.shift()
    if (taker) taker(delivery)
    else kept.push(delivery)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** The next request, as soon as it has come and was answered. */
    next: () => (kept.length > 0 ? Promise.resolve(kept.shift()) : new Promise((take) => waiting.push(take))),
    /** How many requests nobody has taken. */
    left: () => kept.length,
  }
}
