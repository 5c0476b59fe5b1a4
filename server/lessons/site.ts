/** Where this lab is, as others address it. */

/** The first origin of `LAB_ORIGINS`, or where a lab is on one's own machine. */
export function siteOrigin(env: Record<string, string | undefined> = process.env): string {
  const [first] = (env.LAB_ORIGINS ?? '').split(/[\s,]+/).filter(Boolean)
  return first ?? `http://localhost:${env.PORT && env.PORT !== '0' ? env.PORT : 3000}`
}
