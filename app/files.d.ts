/** What the bundler makes of files that are no code: their address. */
declare module '*.woff2' {
  const address: string
  export default address
}
