/** For a container's health check: exit code 0 if the lab of this environment serves, else 1 and what it says. */
const path = `${process.env.LAB_BASE_PATH ?? ''}/api/health`
try {
  const response = await fetch(`http://127.0.0.1:${process.env.PORT || 3000}${path}`, {
    signal: AbortSignal.timeout(4000),
  })
  console.log((await response.text()).trim())
  process.exit(response.ok ? 0 : 1)
} catch (error) {
  console.log(`The web process does not answer (${error.cause?.code ?? error.message}).`)
  process.exit(1)
}
