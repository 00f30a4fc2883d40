import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { queries } from './api/queries'
import { router } from './app/router'
import { speakFirst } from './i18n'
import './ui/styles.css'

const root = document.getElementById('root')
if (!root) throw new Error('the page has a root')
await speakFirst()
createRoot(root).render(
  <QueryClientProvider client={queries}>
    <RouterProvider router={router} />
  </QueryClientProvider>,
)
