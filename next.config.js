/** How Next builds and serves the pages. */
/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // The build cannot drive TypeScript 7; `npm run check` checks the types.
  typescript: { ignoreBuildErrors: true },
  // A native module, loaded by Node itself.
  serverExternalPackages: ['node-pty'],
}
