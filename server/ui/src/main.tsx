import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { newClient } from './client'
import { newRouter } from './router'
import './style/color.css'
import './style/base.css'
import './style/frame.css'
import './style/list.css'
import './style/detail.css'
import './style/consent.css'

const client = newClient(() => void router.invalidate())
const router = newRouter(client)
const root = document.getElementById('root')
if (!root) {
  throw new Error('index.html has no element #root')
}
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
