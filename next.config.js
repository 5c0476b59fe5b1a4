/** How Next builds and serves the pages. */
const basePath = process.env.LAB_BASE_PATH ?? ''

/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  basePath,
  // The browser's code gets it as a constant.
  env: { NEXT_PUBLIC_LAB_BASE_PATH: basePath },
  // The build cannot drive TypeScript 7; `npm run check` checks the types.
  typescript: { ignoreBuildErrors: true },
  // A native module, loaded by Node itself.
  serverExternalPackages: ['node-pty'],
}
