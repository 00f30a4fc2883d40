// How the app is built. The same policy as in production is sent by `vite preview`, so that what it forbids is seen early.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const bank = process.env.FLORIN_URL ?? 'http://127.0.0.1:8080'
const toTheBank = { target: bank, changeOrigin: true }

/** Also in edges/http/web/src/pages.rs. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    manifest: true,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    // Fonts and pictures are files: the policy has no data: for fonts.
    assetsInlineLimit: 0,
  },
  preview: {
    port: 5173,
    headers: { 'Content-Security-Policy': policy },
    proxy: { '/api': toTheBank, '/app-config.json': toTheBank },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0])
