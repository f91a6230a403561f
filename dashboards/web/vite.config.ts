import { defineConfig } from 'vite';

// The built files go where the Go package embeds them. Addresses are relative, so
// that the dashboard works below any path of a proxy, and nothing is inlined, which
// the content security policy would refuse.
export default defineConfig({
  base: './',
  build: {
    outDir: '../../internal/web/dist',
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rollupOptions: { input: ['index.html', 'embed.html'] },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/readyz': 'http://127.0.0.1:8080', '/metrics': 'http://127.0.0.1:8080' } },
});
